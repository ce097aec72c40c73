// What makes a file no config at all: bytes, YAML that is broken, too much or too clever. One line each, with its place.
#include <chrono>

#include "config_check.h"

using namespace config_check;
using namespace std::string_literals;

BOOST_AUTO_TEST_SUITE(parse_config_yaml)

BOOST_AUTO_TEST_CASE(an_empty_file_is_the_defaults_with_a_warning) {
  for (std::string_view yaml : {"", "\n\n", "# nothing\n", "\xef\xbb\xbf", "---\n", "~\n", "---\n...\n"}) {
    check_one(yaml, " warning: the file is empty: the built-in defaults and the local store are used. See docs/config.md.");
    const auto config = warned(yaml);
    BOOST_TEST(config.file == "f");
    BOOST_TEST(config.providers.size() == 1u);
    BOOST_TEST(config.providers[0].type == "local");
    BOOST_TEST(config.providers[0].name == "default");
  }
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_text) {
  const Bad bad[] = {
      {"a: b\n\xc3\x28: c\n", "2:1: error: the file is not UTF-8 here. Save it as UTF-8."},
      {"\xff\xfe"
       "a",
       "1:1: error: the file is UTF-16. Save it as UTF-8."},
      {std::string_view("a: b\0c\n", 7), "1:5: error: the file holds a NUL byte. Remove it."},
      {"a: \x1b[31m\n", "1:4: error: the file holds a control character. Remove it."},
      {"a: b\rc: d\n", "1:5: error: the file holds a control character. Remove it."},
  };
  for (const Bad& b : bad) check_one(b.yaml, b.line);
}

BOOST_AUTO_TEST_CASE(tabs_are_reported_each) {
  check_one("agent:\n\twatch: {}\n", "2:1: error: a tab indents this line. YAML is indented with spaces only.");
  BOOST_TEST(findings("agent:\n  \twatch:\n\t\tmode: polling\n\n\t# a comment may\n").size() == 2u);
  clean("provider: aws\t# a tab before a comment is none\n");
}

BOOST_AUTO_TEST_CASE(broken_yaml_says_what_to_look_for) {
  const Bad bad[] = {
      {"provider: aws: x\n",
       "1:14: error: a ':' does not fit here. Check the indentation, put a space after the ':' of the line above, and quote a "
       "value that holds ': '."},
      {"secrets:\n  - name: a\n   provider: b\n",
       "3:4: error: this does not fit the list above. Check the indentation: keys of one level begin in one column."},
      {"agent:\n    watch: {}\n  metrics: {}\n",
       "3:3: error: this does not fit the lines above. Check the indentation: keys of one level begin in one column."},
      {"provider: \"aws\nsecrets: []\n",
       "1:11: error: provider: a quoted text does not end on its line. Close the quote, or put the text on one line."},
      {"provider: 'it''s\n",
       "1:11: error: provider: a quoted text does not end on its line. Close the quote, or put the text on one line."},
      {"agent: {watch: {}\n", "2:1: error: a '{' is not closed. Close it with '}'."},
      {"secrets: []]\n", "1:12: error: a '}' or ']' that nothing opened"},
      {"provider: @aws\n", "1:11: error: a value cannot begin with this character. Put the value in quotes."},
      {"a: b\n---\nc: d\n",
       "2:1: error: a second YAML document, or something that does not belong to the lines above, begins here. Keep one "
       "document, and check the indentation."},
      {"%YAML 1.2\n---\nprovider: aws\n",
       "1:1: error: YAML directives are not read. Leave the line out; a value that begins with '%' goes in quotes."},
      {"- a\n", "1:1: error: the file must be a map of keys, not a list. For example 'provider: aws'; see docs/config.md."},
      {"hello\n", "1:1: error: the file must be a map of keys, not a text. For example 'provider: aws'; see docs/config.md."},
  };
  for (const Bad& b : bad) check_one(b.yaml, b.line);
}

BOOST_AUTO_TEST_CASE(a_value_that_swallows_the_next_line_is_no_value) {
  check_one("provider:\n  aws\n  more\n",
            "2:3: error: provider: the value goes on over several lines. Check the indentation of the next line, or put the text "
            "in quotes on one line.");
  clean("provider: >-\n  aws\n");
}

BOOST_AUTO_TEST_CASE(anchors_aliases_and_tags_are_refused_where_they_stand) {
  BOOST_TEST(joined(findings("provider: &kind aws\nlogging: {level: *kind}\nsecrets: !list []\n")) ==
             "1:11: error: provider: YAML anchors ('&name') are not read. Write the value out where it is used.\n"
             "2:18: error: logging.level: YAML aliases ('*name') are not read. Write the value out.\n"
             "3:10: error: secrets: YAML tags ('!name') are not read. Leave the tag out.\n");
  check_one("provider: *nowhere\n",
            "1:11: error: YAML aliases ('*name') are not read. Write the value out, or quote a text that begins with '*'.");
}

BOOST_AUTO_TEST_CASE(an_alias_bomb_costs_nothing) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 100; ++i) {
    const std::string one = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + one;
    for (int k = 0; k < 8; ++k) bomb += ", " + one;
    bomb += "]\n";
  }
  BOOST_TEST(!dso::parse_config(bomb, "f").config);
}

BOOST_AUTO_TEST_CASE(a_key_twice_names_both_lines) {
  check_one("provider: aws\nprovider: aws\n", "2:1: error: provider: the key is there twice. It was first given in line 1.");
  check_one("secrets:\n  - name: a\n  - name: b\n    inject: {type: file,\n      type: env}\n",
            "5:7: error: secrets[1].inject.type: the key is there twice. It was first given in line 4.");
}

BOOST_AUTO_TEST_CASE(keys_that_are_no_text) {
  check_one("? [a]\n: b\n", "1:3: error: a key must be a text. Write 'key: value'.");
  check_one(": b\n", "1:1: error: a key must be a text. Write 'key: value'.");
}

BOOST_AUTO_TEST_CASE(depth_and_number_are_bounded) {
  for (const std::string& unit : {"["s, "{a: "s, "- "s, "? "s}) {
    std::string deep = "a:\n  ";
    for (int i = 0; i < 100000; ++i) deep += unit;
    const auto lines = findings(deep);
    BOOST_TEST(lines.size() == 1u, joined(lines));
    BOOST_TEST(lines[0].find("nested more than 64 deep.") != std::string::npos, lines[0]);
  }
  std::string many = "secrets: [";
  for (int i = 0; i < 150000; ++i) many += "a,";
  const auto lines = findings(many + "]\n");
  BOOST_TEST(lines.size() == 1u);
  BOOST_TEST(lines[0].find("there are more than 100000 values") != std::string::npos, lines[0]);
}

BOOST_AUTO_TEST_CASE(columns_count_characters) {
  check_one("logging: {level: info, \"ö\": 1}\n", "1:24: error: logging.ö: unknown key. One of: level, format.");
  check_one("logging: {\"ööö\": 1}\n", "1:11: error: logging.ööö: unknown key. One of: level, format.");
  check_among("logging: {\"ööö\": 1, lvel: info}\n", "1:21: error: logging.lvel: unknown key. Did you mean 'level'?");
}

BOOST_AUTO_TEST_CASE(windows_line_ends) {
  const auto config = clean("provider: vault\r\nsecrets:\r\n  - name: a\r\n    inject: \"env\"\r\n");
  BOOST_TEST(config.secrets.at(0).name == "a");
}

BOOST_AUTO_TEST_CASE(ten_thousand_lines_take_no_time) {
  std::string yaml = "secrets:\n";
  for (int i = 0; i < 1500; ++i) {
    const std::string n = std::to_string(i);
    yaml += "  - name: app" + n + "/db\n    inject: {type: file, path: /run/secrets/a" + n +
            ", mode: \"0400\"}\n    rotation: true\n" +
            "    reload_strategy: {type: restart}\n    targets:\n      containers: [a, b]\n    mappings: {password: db" + n +
            "}\n";
  }
  const auto start = std::chrono::steady_clock::now();
  BOOST_TEST(clean(yaml).secrets.size() == 1500u);
  const auto took = std::chrono::steady_clock::now() - start;
  // Twice parsed, with sanitizers, on a busy machine; an algorithm gone quadratic takes minutes.
  BOOST_TEST(std::chrono::duration_cast<std::chrono::milliseconds>(took).count() < 10000);
}

BOOST_AUTO_TEST_CASE(a_flood_of_findings_ends) {
  std::string yaml;
  for (int i = 0; i < 5000; ++i) yaml += "key" + std::to_string(i) + ": 1\n";
  const auto parsed = dso::parse_config(yaml, "f");
  BOOST_TEST(!parsed.config);
  BOOST_TEST(parsed.diagnostics.size() == 1001u);
}

BOOST_AUTO_TEST_SUITE_END()
