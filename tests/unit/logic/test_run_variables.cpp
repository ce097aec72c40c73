// References among the variables of `docker run`: which count, what is left of an env file, and what is refused.
#include <boost/test/unit_test.hpp>

#include <cstring>

#include "logic/run_variables.h"

BOOST_AUTO_TEST_SUITE(run_variables)

namespace {

using namespace dso;

char* lookup(const char* name) {
  static char ours[] = "dso://shop/ours", plain[] = "x";
  return std::strcmp(name, "OURS") == 0 ? ours : std::strcmp(name, "PLAIN") == 0 ? plain : nullptr;
}

std::string kept(std::string_view text) {
  return std::string(view(read_run_env_file(text, lookup).kept));
}

std::vector<EnvReference> counting(const std::vector<std::string>& assignments) {
  std::vector<RunVariable> all;
  for (const std::string& a : assignments) all.push_back(run_variable(a, lookup));
  return references_that_count(all).value();
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_a_value_is) {
  for (const char* none : {"", "x", "dso:/x", "https://dso/", "DSO://x"}) BOOST_TEST((mention_in(none) == Mention::none));
  for (const char* whole : {"dso://x", "dsofile://a/b#c", "dso://"}) BOOST_TEST((mention_in(whole) == Mention::whole));
  for (const char* inside : {" dso://x", "postgres://u:dso://x@h", "dso://a dso://b", "dso://dsofile://x", "xdso://a"})
    BOOST_TEST((mention_in(inside) == Mention::inside));
}

BOOST_AUTO_TEST_CASE(a_name_alone_has_the_callers_value) {
  BOOST_TEST((run_variable("OURS", lookup).reference == EnvReference{"OURS", false, "shop/ours"}));
  BOOST_TEST((run_variable("PLAIN", lookup).mention == Mention::none));
  BOOST_TEST((run_variable("NOBODYS", lookup).mention == Mention::none));
  BOOST_TEST((run_variable("OURS", nullptr).mention == Mention::none));
  BOOST_TEST((run_variable("OURS=", lookup).mention == Mention::none));
}

BOOST_AUTO_TEST_CASE(an_env_file_without_its_references) {
  BOOST_TEST(kept("# dso://comment\nA=1\n  B=dso://b\r\nC = x\n\nOURS\nD=dsofile://d") == "# dso://comment\nA=1\nC = x\n\n");
  BOOST_TEST(kept("A=1") == "A=1");
  BOOST_TEST(kept("\n") == "\n");
  BOOST_TEST(kept("").empty());
  const RunEnvFile read = read_run_env_file(
      "\xef\xbb\xbf"
      "A=dso://a\r\nP=x\nU=u:dso://b",
      lookup);
  BOOST_TEST(read.changed);
  BOOST_REQUIRE(read.variables.size() == 3u);
  BOOST_TEST((read.variables[0].reference == EnvReference{"A", false, "a"}));
  BOOST_TEST((read.variables[2].mention == Mention::inside));
  BOOST_TEST(!read_run_env_file("P=x\n", lookup).changed);
}

BOOST_AUTO_TEST_CASE(the_last_of_a_name_counts) {
  BOOST_TEST((counting({"A=dso://old", "B=x", "A=dsofile://new"}) == std::vector<EnvReference>{{"A", true, "new"}}));
  BOOST_TEST(counting({"A=dso://old", "A=plain"}).empty());
  BOOST_TEST((counting({"A=plain", "A=dso://a"}) == std::vector<EnvReference>{{"A", false, "a"}}));
  BOOST_TEST(counting({"A=u:dso://inside", "A=plain"}).empty());
}

BOOST_AUTO_TEST_CASE(a_reference_inside_a_longer_text) {
  const auto r = references_that_count({run_variable("URL=postgres://u:hunter2@dso://h", nullptr)});
  BOOST_REQUIRE(r.has_error());
  BOOST_TEST((r.error().cls == ErrorClass::usage));
  BOOST_TEST(r.error().cause.starts_with("the variable URL holds a reference"));
  BOOST_TEST(r.error().next.find("--secret NAME:URL") != std::string::npos);
  BOOST_TEST(render(r.error()).find("hunter2") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
