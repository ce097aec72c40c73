// Values come out of Vault's JSON exactly, strings as their text and the rest as compact JSON, digit for digit.
#include "vault_json.h"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(vault_json)

namespace {
std::string compact(std::string_view raw) {
  return std::string(vault::view(vault::compact_json(raw)));
}
}  // namespace

BOOST_AUTO_TEST_CASE(only_a_whole_object_is_a_document) {
  for (const char* bad :
       {"", "{", "[]", "null", "\"x\"", "{\"a\":1}x", "{\"a\":01}", "<html></html>", "{\"a\":\"\xff\"}", "{'a':1}"})
    BOOST_TEST(!vault::Document::parse(bad).has_value(), bad);
  BOOST_TEST(vault::Document::parse(" {} ").has_value());
}

BOOST_AUTO_TEST_CASE(members_by_type) {
  const auto d = vault::Document::parse(R"({"o":{"x":1},"a":[1],"s":"t","n":7,"b":true,"z":null})");
  BOOST_REQUIRE(d.has_value());
  BOOST_TEST((vault::object_at(d->root(), "o") != nullptr));
  BOOST_TEST((vault::object_at(d->root(), "s") == nullptr));
  BOOST_TEST((vault::array_at(d->root(), "a") != nullptr));
  BOOST_TEST(vault::string_at(d->root(), "s") == "t");
  BOOST_TEST(vault::string_at(d->root(), "n") == "");
  BOOST_TEST(vault::integer_at(d->root(), "n", -1) == 7);
  BOOST_TEST(vault::integer_at(d->root(), "z", -1) == -1);
  BOOST_TEST(vault::bool_at(d->root(), "b"));
  BOOST_TEST(!vault::bool_at(d->root(), "absent"));
}

BOOST_AUTO_TEST_CASE(raw_members_keep_order_and_text) {
  const auto m = vault::raw_members(R"( {"x":"}","data" : {"data":{"a": 1.50 ,"b\"c":{"d":[1,"]"]},"e":"q\"\\"} , "z":[]}} )",
                                    {"data", "data"});
  BOOST_TEST_REQUIRE(m.size() == 3u);
  BOOST_TEST(m[0].key == "a");
  BOOST_TEST(m[0].value == "1.50");
  BOOST_TEST(m[1].key == "b\\\"c");
  BOOST_TEST(m[1].value == R"({"d":[1,"]"]})");
  BOOST_TEST(m[2].value == R"("q\"\\")");
  BOOST_TEST(vault::raw_members(R"({"data":null})", {"data"}).empty());
  BOOST_TEST(vault::raw_members(R"({})", {"data", "data"}).empty());
}

BOOST_AUTO_TEST_CASE(the_scanner_survives_texts_that_are_no_json) {
  for (const char* bad :
       {"", "{", "{\"", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":\"", "{\"a\":\"\\", "{\"a\":{", "{\"a\":[1,", "{\"a\":1,", "}{"})
    vault::raw_members(bad, {"a"});  // ASan watches
  for (const char* bad : {"\"", "\"\\", "\"\\u00", "\\"}) vault::compact_json(bad);
}

BOOST_AUTO_TEST_CASE(compact_text_is_exact) {
  BOOST_TEST(compact("1.5") == "1.5");
  BOOST_TEST(compact("123456789012345678901234567890") == "123456789012345678901234567890");
  BOOST_TEST(compact("null") == "null");
  BOOST_TEST(compact("{ \"a\" : [ 1 ,\n true ] }") == R"({"a":[1,true]})");
  BOOST_TEST(compact(R"("a b")") == R"("a b")");
  BOOST_TEST(compact(R"({"k":"a \u003c\u003E\u003e\u0026 b","q":"\\u003c\""})") == R"({"k":"a <\u003E>& b","q":"\\u003c\""})");
}

BOOST_AUTO_TEST_CASE(login_bodies_escape_what_they_hold) {
  BOOST_TEST(std::string(vault::view(vault::json_object({{"role_id", "a\"b\\c\n\x01"}, {"s", "\xc3\xa9"}}))) ==
             "{\"role_id\":\"a\\\"b\\\\c\\u000a\\u0001\",\"s\":\"\xc3\xa9\"}");
  BOOST_TEST(vault::Document::parse(vault::view(vault::json_object({{"k", "\"}{"}}))).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
