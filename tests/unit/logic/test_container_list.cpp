// The list read piece by piece is the list read at once, wherever it is cut. One container that cannot be read is left out and
// named; the others are read.
#include "logic/container_list.h"

#include <boost/test/unit_test.hpp>
#include <string>

namespace dso {
BOOST_AUTO_TEST_SUITE(container_list)

namespace {

const std::string kList =
    " [ {\"Id\":\"a\",\"Names\":[\"/x/y\",\"/web\"],\"State\":\"running\",\"Labels\":{\"k\":\"],[}{\\\"\\\\\",\"l\":\"\"},"
    "\"Mounts\":[{\"Type\":\"volume\",\"Name\":\"v\",\"Source\":\"/s\",\"Destination\":\"/d\",\"RW\":false}]},\n"
    "{\"Id\":\"b\",\"Command\":\"sh -c 'a,b]'\",\"HostConfig\":{\"NetworkMode\":\"host\"},\"Ports\":[[],{}]} ] \n";

std::string cause(std::string_view text) {
  const auto r = parse_container_list(text);
  return r.has_error() ? r.error().cause : "read";
}

/// A good container before and one after it.
ContainerList with_neighbours(const std::string& element) {
  auto list = parse_container_list(R"([{"Id":"a","Names":["/first"]},)" + element + R"(,{"Id":"c","Names":["/last"]}])");
  BOOST_REQUIRE_MESSAGE(list.has_value(), (list.has_error() ? render(list.error()) : ""));
  BOOST_REQUIRE(list->containers.size() >= 2u);
  BOOST_TEST(list->containers.front().name == "first");
  BOOST_TEST(list->containers.back().name == "last");
  return std::move(*list);
}

}  // namespace

BOOST_AUTO_TEST_CASE(cut_anywhere_it_is_the_same) {
  for (std::size_t size = 1; size <= kList.size(); ++size) {
    ContainerListReader reader;
    for (std::size_t at = 0; at < kList.size(); at += size) BOOST_REQUIRE(reader.feed(std::string_view(kList).substr(at, size)));
    const auto list = reader.finish();
    BOOST_REQUIRE(list.has_value());
    BOOST_REQUIRE(list->containers.size() == 2u);
    const Container &a = list->containers[0], &b = list->containers[1];
    BOOST_TEST(a.name == "web");
    BOOST_TEST(a.labels.at("k") == "],[}{\"\\");
    BOOST_REQUIRE(a.mounts.size() == 1u);
    BOOST_TEST(a.mounts[0].name == "v");
    BOOST_TEST(a.mounts[0].read_only);
    BOOST_TEST(b.id == "b");
    BOOST_TEST(b.network_mode == "host");
    BOOST_TEST(list->remarks.empty());
    BOOST_TEST(!list->unread);
    BOOST_TEST(list->mounts_untold == std::vector<std::size_t>{1}, boost::test_tools::per_element());
  }
  BOOST_TEST(parse_container_list("[]").value().containers.empty());
}

BOOST_AUTO_TEST_CASE(labels_of_any_length_are_that_containers_trouble) {
  const std::string huge(JsonListReader::kMaxElement, 'x');
  const auto list = with_neighbours(R"({"Id":"b","Names":["/big"],"State":"running","Labels":{"dso.reloader":"true","x":")" +
                                    huge + R"("},"Mounts":[{"Type":"bind","Source":"/run/dso/secrets/s/f"}]})");
  BOOST_REQUIRE(list.containers.size() == 3u);
  const Container& big = list.containers[1];
  BOOST_TEST(big.name == "big");
  BOOST_TEST(big.labels.empty());
  BOOST_REQUIRE(big.mounts.size() == 1u);  // what it has mounted is not wiped
  BOOST_TEST(big.mounts[0].source == "/run/dso/secrets/s/f");
  BOOST_TEST(!list.unread);
  BOOST_REQUIRE(list.remarks.size() == 1u);
  BOOST_TEST(list.remarks[0].who == "big");
  BOOST_TEST(list.remarks[0].what == "its Labels make it longer than 4 MiB; none of its labels counts");
}

BOOST_AUTO_TEST_CASE(one_that_cannot_be_read_is_left_out_and_named) {
  const std::string huge(JsonListReader::kMaxElement, 'x');
  const struct {
    std::string element, who, what;
  } cases[] = {
      {R"({"Id":"b","Names":["/odd"],"Labels":7})", "odd", "[1].Labels is not an object"},
      {R"({"Id":"b","Names":["/odd"],"Labels":{"k":7}})", "odd", "[1].Labels.k is not a text"},
      {R"({"Id":"b","Names":["/odd"],"Mounts":[{"RW":1}]})", "odd", "[1].Mounts[0].RW is not true or false"},
      {R"({"Id":"b","Labels":7})", "b", "[1].Labels is not an object"},
      {R"({"Names":["/odd"]})", "odd", "[1].Id is missing"},
      {R"({})", "[1]", "[1].Id is missing"},
      {"1", "[1]", "[1] is not an object"},
      {"[]", "[1]", "[1] is not an object"},
      {"null", "[1]", "[1] is not an object"},
      {R"({"Id":"b","Names":["/odd"],"Mounts":[")" + huge + R"("]})", "odd", "its Mounts make it longer than 4 MiB"},
      {"\"" + huge + huge + "\"", "[1]", "[1]: it is not JSON: incomplete JSON"},
  };
  for (const auto& c : cases) {
    const auto list = with_neighbours(c.element);
    BOOST_TEST_CONTEXT(c.what) {
      BOOST_TEST(list.containers.size() == 2u);
      BOOST_REQUIRE(list.unread);
      BOOST_TEST(list.unread->who == c.who);
      BOOST_TEST(list.unread->what == c.what);
      BOOST_TEST(list.remarks.size() == 1u);
    }
  }
}

// A newer engine's format, a proxy: not one bad neighbour.
BOOST_AUTO_TEST_CASE(a_list_of_which_nothing_can_be_read_is_an_error) {
  BOOST_TEST(cause("[1]") == "[0] is not an object");
  BOOST_TEST(cause("[[]]") == "[0] is not an object");
  BOOST_TEST(cause(R"([{"Id":7},{"Id":8}])") == "[0].Id is not a text");
  BOOST_TEST(cause("{}") == "it is not a list");
  BOOST_TEST(cause("[{\"Id\":\"a\"}") == "it is not JSON: it ends in the middle");
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
