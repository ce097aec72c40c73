// docs/dso.schema.json, docs/config.md and examples/ say what the parser does: keys, choices, and every example parses.
#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "config_check.h"
#include "logic/config_keys.h"
#include "places.h"

namespace json = boost::json;
using namespace config_check;

BOOST_AUTO_TEST_SUITE(config_schema)

namespace {

using dso::test::in_tree;

std::string read(const std::string& path) {
  std::ifstream in(path);
  BOOST_REQUIRE_MESSAGE(in.good(), path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

const json::object& schema() {
  static const json::value root = json::parse(read(in_tree("docs/dso.schema.json")));
  return root.get_object();
}

/// The object schema that `s` stands for: through $ref, and of several the one with properties.
const json::object& resolved(const json::object& s) {
  if (const json::value* ref = s.if_contains("$ref")) {
    const std::string text(ref->get_string().c_str());
    return resolved(schema().at("$defs").get_object().at(text.substr(text.rfind('/') + 1)).get_object());
  }
  if (const json::value* several = s.if_contains("oneOf"))
    for (const json::value& one : several->get_array())
      if (const json::object& r = resolved(one.get_object()); r.contains("properties")) return r;
  return s;
}

/// "secrets[].targets" -> its schema.
const json::object& at(const std::string& place) {
  if (place == "inject" || place == "reload_strategy") return resolved(schema().at("$defs").get_object().at(place).get_object());
  const json::object* here = &schema();
  std::stringstream parts(place);
  for (std::string part; std::getline(parts, part, '.');) {
    const bool list = part.ends_with("[]");
    if (list) part.resize(part.size() - 2);
    here =
        part == "*" ? &here->at("additionalProperties").get_object() : &here->at("properties").get_object().at(part).get_object();
    here = &resolved(*here);
    if (list) here = &resolved(here->at("items").get_object());
  }
  return *here;
}

bool is_present(const dso::ConfigKey& key) {
  return key.kind == dso::ConfigKey::Kind::present;
}

/// A place of older keys alone has no place in the schema.
bool in_schema(const dso::ConfigPlace& p) {
  return std::any_of(p.keys.begin(), p.keys.end(), is_present);
}

std::vector<std::string> yaml_blocks(const std::string& markdown, const std::string& fence) {
  std::vector<std::string> out;
  std::stringstream lines(markdown);
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (!inside && line == fence) {
      inside = true;
      out.emplace_back();
    } else if (inside && line == "```") {
      inside = false;
    } else if (inside) {
      out.back() += line + "\n";
    }
  }
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_keys_are_the_parsers) {
  std::set<const json::object*> seen;
  for (const dso::ConfigPlace& place : dso::config_places()) {
    if (!in_schema(place)) continue;
    const json::object& here = at(std::string(place.place));
    seen.insert(&here);
    std::set<std::string> wanted, found;
    for (const dso::ConfigKey& key : place.keys)
      if (is_present(key)) wanted.insert(std::string(key.name));
    for (const auto& property : here.at("properties").get_object())
      found.insert(std::string(property.key().data(), property.key().size()));
    BOOST_TEST(wanted == found, "at '" << place.place << "'");
  }
  // And no object with keys is described that the parser does not know.
  std::size_t described = 0;
  std::vector<const json::value*> rest{};
  const json::value root(schema());
  rest.push_back(&root);
  while (!rest.empty()) {
    const json::value& v = *rest.back();
    rest.pop_back();
    if (v.is_array())
      for (const json::value& one : v.get_array()) rest.push_back(&one);
    if (!v.is_object()) continue;
    if (v.get_object().contains("properties")) ++described;
    for (const auto& member : v.get_object()) rest.push_back(&member.value());
  }
  BOOST_TEST(described == seen.size());
}

BOOST_AUTO_TEST_CASE(the_choices_are_the_parsers) {
  for (const dso::ConfigPlace& place : dso::config_places())
    for (const dso::ConfigKey& key : place.keys) {
      if (!is_present(key) || key.choices.empty()) continue;
      const json::object& here =
          resolved(at(std::string(place.place)).at("properties").get_object().at(std::string(key.name)).get_object());
      std::set<std::string> wanted(key.choices.begin(), key.choices.end()), found;
      if (here.contains("enum"))
        for (const json::value& v : here.at("enum").get_array())
          if (v.is_string()) found.insert(v.get_string().c_str());
      if (here.contains("type") && here.at("type") == "boolean") found = {"true", "false"};
      BOOST_TEST(wanted == found, "at '" << place.place << "." << key.name << "'");
    }
}

BOOST_AUTO_TEST_CASE(every_example_of_the_documentation_parses) {
  const std::string page = read(in_tree("docs/config.md"));
  const auto present = yaml_blocks(page, "```yaml"), older = yaml_blocks(page, "```yaml older");
  BOOST_TEST(present.size() >= 8u);
  for (const std::string& block : present) clean(block);
  BOOST_TEST(older.size() >= 1u);
  for (const std::string& block : older) warned(block);
}

BOOST_AUTO_TEST_CASE(every_key_is_documented) {
  const std::string page = read(in_tree("docs/config.md"));
  for (const dso::ConfigPlace& place : dso::config_places())
    for (const dso::ConfigKey& key : place.keys)
      BOOST_TEST(page.find("`" + std::string(key.name) + "`") != std::string::npos,
                 "docs/config.md has no `" << key.name << "` (" << place.place << ")");
}

BOOST_AUTO_TEST_CASE(every_example_file_parses) {
  std::size_t count = 0;
  for (const auto& folder : std::filesystem::directory_iterator(in_tree("examples"))) {
    const auto file = folder.path() / "dso.yaml";
    if (!std::filesystem::exists(file)) continue;
    ++count;
    BOOST_TEST_CONTEXT(file) {
      clean(read(file));
    }
  }
  BOOST_TEST(count >= 4u);
}

BOOST_AUTO_TEST_SUITE_END()
