// The migrated copy of a compose file: what changes, that every other byte stays, and what is left alone with which reason.
#include <boost/test/unit_test.hpp>

#include "logic/compose_edit.h"

BOOST_AUTO_TEST_SUITE(compose_edit)

namespace {

using dso::EditedCompose;
using dso::ExpectedChange;

ExpectedChange change(const std::string& service, const std::string& variable) {
  return {service, variable, "dso://p/" + service + "#" + variable};
}
EditedCompose edit(std::string_view text, const std::vector<ExpectedChange>& changes,
                   const std::vector<std::string>& watched = {"api", "db"}) {
  return dso::edit_compose(text, changes, watched);
}
std::string edited(std::string_view text, const std::vector<ExpectedChange>& changes,
                   const std::vector<std::string>& watched = {"api", "db"}) {
  const EditedCompose out = edit(text, changes, watched);
  BOOST_TEST(out.refused.empty());
  BOOST_TEST(out.done.size() == changes.size());
  return std::string(dso::view(out.text));
}
/// The one refusal, with the text unchanged.
dso::RefusedEdit refused(std::string_view text, const ExpectedChange& c) {
  const EditedCompose out = edit(text, {c});
  BOOST_TEST(dso::view(out.text) == text);
  BOOST_TEST(out.done.empty());
  BOOST_REQUIRE(out.refused.size() == 1u);
  return out.refused[0];
}

}  // namespace

BOOST_AUTO_TEST_CASE(values_of_a_map_and_nothing_else) {
  const std::string_view text =
      "# the shop\n"
      "services:\n"
      "  api:\n"
      "    image: \"repo/api:2\"   # pinned\n"
      "    environment:\n"
      "      # for the database\n"
      "      DB_PASSWORD: s3cret     # rotate me\n"
      "      \"API_KEY\" : \"a # b \\\" c\" # quoted\n"
      "      SALT: 'it''s'\n"
      "      LOG: info\n"
      "\n"
      "  db:\n"
      "    environment:\n"
      "        DB_PASSWORD: s3cret\n";
  BOOST_TEST(edited(text, {change("api", "DB_PASSWORD"), change("api", "API_KEY"), change("api", "SALT")}) ==
             "# the shop\n"
             "services:\n"
             "  api:\n"
             "    image: \"repo/api:2\"   # pinned\n"
             "    environment:\n"
             "      # for the database\n"
             "      DB_PASSWORD: dso://p/api#DB_PASSWORD     # rotate me\n"
             "      \"API_KEY\" : dso://p/api#API_KEY # quoted\n"
             "      SALT: dso://p/api#SALT\n"
             "      LOG: info\n"
             "\n"
             "  db:\n"
             "    environment:\n"
             "        DB_PASSWORD: s3cret\n");
}

BOOST_AUTO_TEST_CASE(items_of_a_list_also_at_the_column_of_its_key) {
  BOOST_TEST(edited("services:\n  api:\n    environment:\n    - A_KEY=x # one\n    - \"B_KEY=y z\"\n    - 'C=3'\n    image: x\n",
                    {change("api", "A_KEY"), change("api", "B_KEY")}) ==
             "services:\n  api:\n    environment:\n    - A_KEY=dso://p/api#A_KEY # one\n    - B_KEY=dso://p/api#B_KEY\n    - "
             "'C=3'\n    image: x\n");
}

BOOST_AUTO_TEST_CASE(values_over_several_lines_go_whole) {
  BOOST_TEST(edited("services:\n  api:\n    environment:\n      KEY: |\n        line # one\n\n        # two\n      B: 2\n",
                    {change("api", "KEY")}) == "services:\n  api:\n    environment:\n      KEY: dso://p/api#KEY\n      B: 2\n");
  BOOST_TEST(edited("services:\n  api:\n    environment:\n      KEY: \"a\n        b\"\n      B: 2\n", {change("api", "KEY")}) ==
             "services:\n  api:\n    environment:\n      KEY: dso://p/api#KEY\n      B: 2\n");
  BOOST_TEST(edited("services:\n  api:\n    environment:\n      KEY:\n        plain\n        text\n", {change("api", "KEY")}) ==
             "services:\n  api:\n    environment:\n      KEY: dso://p/api#KEY\n");
}

BOOST_AUTO_TEST_CASE(what_an_env_file_brings_is_added_in_front) {
  BOOST_TEST(
      edited("services:\n  api:\n    image: x\n    env_file: .env\n", {change("api", "A"), change("api", "B")}) ==
      "services:\n  api:\n    environment:\n      A: dso://p/api#A\n      B: dso://p/api#B\n    image: x\n    env_file: .env\n");
  BOOST_TEST(edited("services:\n  api:\n    environment:\n      LOG: x\n", {change("api", "A")}) ==
             "services:\n  api:\n    environment:\n      A: dso://p/api#A\n      LOG: x\n");
  BOOST_TEST(edited("services:\n  api:\n    environment:\n      - LOG=x\n", {change("api", "A")}) ==
             "services:\n  api:\n    environment:\n      - A=dso://p/api#A\n      - LOG=x\n");
  BOOST_TEST(edited("services:\n  api:\n    environment:\n    image: x\n", {change("api", "A")}) ==
             "services:\n  api:\n    environment:\n      A: dso://p/api#A\n    image: x\n");
}

BOOST_AUTO_TEST_CASE(the_label) {
  const std::vector<ExpectedChange> one = {change("api", "A")};
  BOOST_TEST(edited("services:\n  api:\n    environment:\n      A: x\n", one, {}) ==
             "services:\n  api:\n    labels:\n      dso.reloader: \"true\"\n    environment:\n      A: dso://p/api#A\n");
  BOOST_TEST(
      edited("services:\n  api:\n    environment:\n      A: x\n    labels:\n      - tier=web\n", one, {}) ==
      "services:\n  api:\n    environment:\n      A: dso://p/api#A\n    labels:\n      - dso.reloader=true\n      - tier=web\n");
  const EditedCompose flow = edit("services:\n  api:\n    environment:\n      A: x\n    labels: {tier: web}\n", one, {});
  BOOST_TEST(flow.labelled.empty());
  BOOST_REQUIRE(flow.refused.size() == 1u);
  BOOST_TEST(flow.refused[0].variable == "");
  BOOST_TEST(flow.refused[0].line == 5u);
}

BOOST_AUTO_TEST_CASE(ends_of_lines_stay) {
  BOOST_TEST(
      edited("services:\r\n  api:\r\n    environment:\r\n      A: x\r\n", {change("api", "A")}, {}) ==
      "services:\r\n  api:\r\n    labels:\r\n      dso.reloader: \"true\"\r\n    environment:\r\n      A: dso://p/api#A\r\n");
  BOOST_TEST(edited("services:\n  api:\n    environment:\n      A: x", {change("api", "A")}) ==
             "services:\n  api:\n    environment:\n      A: dso://p/api#A");
}

BOOST_AUTO_TEST_CASE(the_same_words_elsewhere_are_not_meant) {
  const std::string_view text =
      "x-api:\n  environment:\n    A: x\nservices:\n  web:\n    environment:\n      A: x\n  api:\n    command: |\n      "
      "environment:\n        A: x\n"
      "    environment:\n      AB: x\n      A: x\nvolumes:\n  api:\n    environment:\n      A: x\n";
  BOOST_TEST(edited(text, {change("api", "A")}) ==
             "x-api:\n  environment:\n    A: x\nservices:\n  web:\n    environment:\n      A: x\n  api:\n    command: |\n      "
             "environment:\n        A: x\n"
             "    environment:\n      AB: x\n      A: dso://p/api#A\nvolumes:\n  api:\n    environment:\n      A: x\n");
}

BOOST_AUTO_TEST_CASE(what_is_left_alone_and_why) {
  const ExpectedChange a = change("api", "A");
  BOOST_TEST(refused("services:\n  web:\n    image: x\n", a).line == 0u);
  BOOST_TEST(refused("services: {api: {environment: {A: x}}}\n", a).line == 0u);
  const auto flow = refused("services:\n  api:\n    environment: {A: x}\n", a);
  BOOST_TEST(flow.line == 3u);
  BOOST_TEST(flow.reason == "it is written in one line, in { } or [ ]");
  BOOST_TEST(refused("services:\n  api: &api\n    environment:\n      A: x\n", a).line == 2u);
  BOOST_TEST(refused("services:\n  api:\n    environment: &env\n      A: x\n", a).line == 3u);
  BOOST_TEST(refused("services:\n  api:\n    environment: *env\n", a).reason ==
             "it is an alias: what it stands for is written elsewhere");
  BOOST_TEST(refused("services:\n  api:\n    environment:\n      A: &shared x\n", a).line == 4u);
  BOOST_TEST(refused("services:\n  api:\n    <<: *base\n    image: x\n", a).reason ==
             "the service takes it from elsewhere, by `<<:`");
  // a map that merges is overridden by what is added to it
  BOOST_TEST(edited("services:\n  api:\n    environment:\n      <<: *env\n", {a}) ==
             "services:\n  api:\n    environment:\n      A: dso://p/api#A\n      <<: *env\n");
}

BOOST_AUTO_TEST_CASE(what_the_values_were_made_of) {
  const EditedCompose out =
      edit("services:\n  api:\n    environment:\n      A: \"${DB_PW:?}-$OTHER-$$NOT\"\n", {change("api", "A")});
  BOOST_TEST(out.interpolated == (std::vector<std::string>{"DB_PW", "OTHER"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(lines_that_still_have_a_value) {
  std::vector<dso::SecretField> fields;
  fields.push_back({"A", dso::SecretBytes::copy_of("s3cret-value")});
  fields.push_back({"SHORT", dso::SecretBytes::copy_of("abc")});
  const std::vector<const dso::SecretField*> values = {&fields[0], &fields[1]};
  const auto found =
      dso::leftovers("# s3cret-value s3cret-value\ncommand: --pw ${DB_PW} abc\n# $DB_PW\nother: $$DB_PW\n", values, {"DB_PW"});
  BOOST_REQUIRE(found.size() == 2u);
  BOOST_TEST((found[0].line == 1 && found[0].variable == "A" && !found[0].interpolated));
  BOOST_TEST((found[1].line == 2 && found[1].variable == "DB_PW" && found[1].interpolated));
}

BOOST_AUTO_TEST_SUITE_END()
