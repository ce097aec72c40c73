// A list read piece by piece: cut anywhere it is the same, what is too long in one object is left out of that one, and memory is
// bounded whatever comes.
#include "logic/json_list.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

namespace dso {
BOOST_AUTO_TEST_SUITE(json_list)

namespace {

struct Seen {
  std::vector<std::string> texts, left_out;
  std::string cause = "read";
};

Seen read(const std::vector<std::string_view>& pieces) {
  Seen out;
  JsonListReader reader([&](const JsonListReader::Element& e) {
    BOOST_TEST(e.index == out.texts.size());
    out.texts.emplace_back(e.text);
    for (const std::string& member : e.left_out) out.left_out.push_back(member);
  });
  for (const std::string_view piece : pieces) reader.feed(piece);
  if (const auto r = reader.finish(); r.has_error()) out.cause = r.error().cause;
  return out;
}

const std::string kLong(JsonListReader::kMaxElement + 1, 'x');

/// The one object of a list, without what was left out of it.
std::string shortened(const std::string& object, const std::vector<std::string>& expected) {
  const std::string list = "[" + object + ",{\"next\":1}]";
  for (const std::size_t size : {list.size(), std::size_t{4097}}) {
    std::vector<std::string_view> pieces;
    for (std::size_t at = 0; at < list.size(); at += size) pieces.push_back(std::string_view(list).substr(at, size));
    const Seen seen = read(pieces);
    BOOST_TEST(seen.cause == "read");
    BOOST_TEST(seen.left_out == expected, boost::test_tools::per_element());
    BOOST_REQUIRE(seen.texts.size() == 2u);
    BOOST_TEST(seen.texts[1] == "{\"next\":1}");
    if (size != list.size()) return seen.texts[0];
  }
  return {};
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_member_that_is_too_long_goes_wherever_it_stands) {
  const std::string big = R"("Labels":{"a":")" + kLong + R"(","b":[1,{"c":2}]})";
  BOOST_TEST(shortened("{" + big + "}", {"Labels"}) == "{}");
  BOOST_TEST(shortened("{" + big + R"(,"Id":"a"})", {"Labels"}) == R"({"Id":"a"})");
  BOOST_TEST(shortened(R"({"Id":"a",)" + big + "}", {"Labels"}) == R"({"Id":"a"})");
  BOOST_TEST(shortened(R"({"Id":"a", )" + big + R"(, "State":"x" })", {"Labels"}) == R"({"Id":"a", "State":"x" })");
  BOOST_TEST(shortened(R"({"Id":"a","Names":")" + kLong + "\"," + big + R"(,"State":"x"})", {"Names", "Labels"}) ==
             R"({"Id":"a","State":"x"})");
}

BOOST_AUTO_TEST_CASE(the_longest_goes_not_the_one_that_came_last) {
  const std::string almost(JsonListReader::kMaxElement - 100, 'x'), some(500, 'y');
  BOOST_TEST(shortened(R"({"Labels":")" + almost + R"(","Mounts":")" + some + R"(","State":"x"})", {"Labels"}) ==
             R"({"Mounts":")" + some + R"(","State":"x"})");
}

BOOST_AUTO_TEST_CASE(what_looks_like_brackets_in_a_text_is_none) {
  const std::string tricky = R"({"k":"],[}{\"\\","l":"\\\"}"})";
  BOOST_TEST(read({"[" + tricky + "]"}).texts.at(0) == tricky);
  BOOST_TEST(shortened(R"({"Id":"a","Labels":{"x":"}],\"\\)" + kLong + R"("},"Z":1})", {"Labels"}) == R"({"Id":"a","Z":1})");
}

BOOST_AUTO_TEST_CASE(an_object_that_has_no_end_takes_no_more_memory) {
  JsonListReader reader([](const JsonListReader::Element&) { BOOST_FAIL("it has ended"); });
  reader.feed("[{\"Id\":\"");
  for (int i = 0; i < 10; ++i) BOOST_TEST(reader.feed(kLong));
  BOOST_TEST(reader.finish().error().cause == "it is not JSON: it ends in the middle");
}

BOOST_AUTO_TEST_CASE(what_is_no_list_is_refused) {
  for (const char* text : {"", " ", "{}", "null", "\"[]\""}) BOOST_TEST(read({text}).cause == "it is not a list", text);
  for (const char* text : {"[", "[{\"Id\":\"a\"}", "[{\"Id\":\"a\"", "[{\"Id\":\"a]", "[{\"Id\":\"a\"},", "[,]",
                           "[{\"Id\":\"a\"},]", "[{\"Id\":\"a\"},,{\"Id\":\"b\"}]", "[]]", "[] x", "[{]"})
    BOOST_TEST(read({text}).cause != "read", text);
  BOOST_TEST(read({"[]"}).cause == "read");
  BOOST_TEST(read({" [ ] "}).texts.empty());
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
