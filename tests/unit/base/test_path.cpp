// Paths as people write them, and what lies there.
#include "base/path.h"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string>

#include <unistd.h>

using namespace dso;

namespace {

struct Folder {
  std::string path = "/tmp/dso-unit-XXXXXX";
  Folder() {
    BOOST_REQUIRE(mkdtemp(path.data()) != nullptr);
    std::ofstream(path + "/file") << "x";
    BOOST_REQUIRE(symlink("file", (path + "/link").c_str()) == 0);
    BOOST_REQUIRE(symlink("nowhere", (path + "/dangling").c_str()) == 0);
  }
  ~Folder() {
    for (const char* name : {"/file", "/link", "/dangling"}) unlink((path + name).c_str());
    rmdir(path.c_str());
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(path_, Folder)

BOOST_AUTO_TEST_CASE(absolute) {
  BOOST_TEST(absolute_path("/a/./b/../c") == "/a/c");
  BOOST_TEST(absolute_path("/a/") == "/a/");
  const std::string here = absolute_path("x").substr(0, absolute_path("x").size() - 1);
  BOOST_TEST(here.starts_with('/'));
  BOOST_TEST(absolute_path("./y/../x") == here + "x");
  BOOST_TEST(absolute_path(".") == here);
}

BOOST_AUTO_TEST_CASE(what_is_there) {
  BOOST_TEST(is_folder(path));
  BOOST_TEST(!is_folder(path + "/file"));
  BOOST_TEST(is_there(path + "/link"));
  BOOST_TEST(!is_there(path + "/dangling"));
  BOOST_TEST(!is_there(path + "/no"));
  BOOST_TEST(is_same_file(path + "/file", path + "/link"));
  BOOST_TEST(!is_same_file(path + "/file", path));
  BOOST_TEST(!is_same_file(path + "/no", path + "/no"));
  const auto names = names_in_folder(path);
  BOOST_TEST((std::set<std::string>(names.begin(), names.end()) == std::set<std::string>{"file", "link", "dangling"}));
  BOOST_TEST(names_in_folder(path + "/no").empty());
}

BOOST_AUTO_TEST_SUITE_END()
