// The list read piece by piece is the list read at once, wherever it is cut; what is no list of containers is refused.
#include "logic/container_list.h"

#include <boost/test/unit_test.hpp>
#include <string>

#include "logic/docker_json.h"

using namespace dso;

BOOST_AUTO_TEST_SUITE(container_list)

namespace {

const std::string kList =
    " [ {\"Id\":\"a\",\"Names\":[\"/x/y\",\"/web\"],\"State\":\"running\",\"Labels\":{\"k\":\"],[}{\\\"\\\\\",\"l\":\"\"}},\n"
    "{\"Id\":\"b\",\"Command\":\"sh -c 'a,b]'\",\"HostConfig\":{\"NetworkMode\":\"host\"},\"Ports\":[[],{}]} ] \n";

std::string cause(std::string_view text) {
  ContainerListReader reader;
  reader.feed(text);
  auto r = reader.finish();
  return r.has_error() ? r.error().cause : "read";
}

}  // namespace

BOOST_AUTO_TEST_CASE(cut_anywhere_it_is_the_same) {
  for (std::size_t size = 1; size <= kList.size(); ++size) {
    ContainerListReader reader;
    for (std::size_t at = 0; at < kList.size(); at += size) BOOST_REQUIRE(reader.feed(std::string_view(kList).substr(at, size)));
    const auto list = reader.finish();
    BOOST_REQUIRE(list.has_value());
    BOOST_REQUIRE(list->size() == 2u);
    BOOST_TEST((*list)[0].name == "web");
    BOOST_TEST((*list)[0].labels.at("k") == "],[}{\"\\");
    BOOST_TEST((*list)[1].id == "b");
    BOOST_TEST((*list)[1].network_mode == "host");
  }
  BOOST_TEST(parse_container_list("[]").value().empty());
  BOOST_TEST(parse_container_list(" [ ] ").value().empty());
}

BOOST_AUTO_TEST_CASE(what_is_no_list_is_refused) {
  for (const char* text : {"", " ", "{}", "null", "\"[]\""}) BOOST_TEST(cause(text) == "it is not a list", text);
  BOOST_TEST(cause("[1]") == "[0] is not an object");
  BOOST_TEST(cause("[[]]") == "[0] is not an object");
  BOOST_TEST(cause(R"([{"Id":"a"},{}])") == "[1].Id is missing");
  BOOST_TEST(cause(R"([{"Id":"a"},{"Id":7}])").find("[1].Id") != std::string::npos);
  for (const char* text :
       {"[", "[{\"Id\":\"a\"}", "[{\"Id\":\"a\"", "[{\"Id\":\"a]", "[{\"Id\":\"a\"},", "[,]", "[{\"Id\":\"a\"},]",
        "[{\"Id\":\"a\"},,{\"Id\":\"b\"}]", "[]]", "[] x", "[{]", "[{\"Id\":\"a\"} {\"Id\":\"b\"}]", "[{\"Id\":\"a\"}}]"})
    BOOST_TEST(cause(text) != "read", text);
}

BOOST_AUTO_TEST_CASE(an_endless_container_is_refused_before_it_fills_the_memory) {
  ContainerListReader reader;
  reader.feed("[{\"Id\":\"");
  const std::string piece(1 << 20, 'x');
  int fed = 0;
  while (fed < 10 && reader.feed(piece)) ++fed;
  BOOST_TEST(fed < 5);
  BOOST_TEST(reader.finish().error().cause == "a container in it is longer than 4 MiB");
}

BOOST_AUTO_TEST_SUITE_END()
