// Which dso.yaml counts, and what stands in its way.
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "agent/load_config.h"

namespace fs = std::filesystem;

namespace {

/// An empty folder as working folder, without DSO_CONFIG; both as before at the end.
struct Place {
  Place() {
    char name[] = "/tmp/dso-load-config-XXXXXX";
    BOOST_REQUIRE(mkdtemp(name));
    dir = name;
    fs::current_path(dir);
    if (const char* v = std::getenv("DSO_CONFIG")) named = v;
    unsetenv("DSO_CONFIG");
  }
  ~Place() {
    fs::current_path(before);
    fs::remove_all(dir);
    if (named.empty())
      unsetenv("DSO_CONFIG");
    else
      setenv("DSO_CONFIG", named.c_str(), 1);
  }
  std::string write(const std::string& name, const std::string& text) const {
    std::string path = dir + "/" + name;
    std::ofstream(path) << text;
    chmod(path.c_str(), 0600);
    return path;
  }
  fs::path before = fs::current_path();
  std::string dir, named;
};

const std::string kGood = "secrets: [{name: a}]\n";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(load_config, Place)

BOOST_AUTO_TEST_CASE(in_order_of_precedence) {
  const std::string one = write("one.yaml", "secrets: [{name: one}]\n"), two = write("two.yaml", "secrets: [{name: two}]\n");
  write("dso.yaml", "secrets: [{name: here}]\n");
  auto here = dso::load_config("");
  BOOST_REQUIRE(here.has_value());
  BOOST_TEST((here->config.secrets.at(0).name == "here" && here->config.file == "dso.yaml"));
  setenv("DSO_CONFIG", two.c_str(), 1);
  BOOST_TEST(dso::load_config("")->config.secrets.at(0).name == "two");
  BOOST_TEST(dso::load_config(one)->config.secrets.at(0).name == "one");
  setenv("DSO_CONFIG", "", 1);
  BOOST_TEST(dso::load_config("")->config.secrets.at(0).name == "here");
}

BOOST_AUTO_TEST_CASE(nowhere_means_the_defaults) {
  if (fs::exists("/etc/dso/dso.yaml")) return;
  const auto loaded = dso::load_config("");
  BOOST_REQUIRE(loaded.has_value());
  BOOST_TEST((loaded->valid && loaded->config.file.empty() && loaded->config.providers.at(0).type == "local"));
}

BOOST_AUTO_TEST_CASE(a_named_file_is_never_passed_over) {
  write("dso.yaml", kGood);
  for (const bool by_variable : {false, true}) {
    const std::string missing = dir + "/missing.yaml";
    if (by_variable) setenv("DSO_CONFIG", missing.c_str(), 1);
    const auto loaded = dso::load_config(by_variable ? "" : missing);
    BOOST_REQUIRE(loaded.has_error());
    BOOST_TEST((loaded.error().cls == dso::ErrorClass::config));
    BOOST_TEST(loaded.error().what == "Cannot read the config '" + missing + "'");
    BOOST_TEST(loaded.error().cause == "No such file or directory");
    BOOST_TEST((loaded.error().next.find("DSO_CONFIG") != std::string::npos) == by_variable);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_file_is_said) {
  fs::create_directory(dir + "/dso.yaml");
  BOOST_TEST(dso::load_config("").error().cause == "it is a directory");
  BOOST_TEST(dso::load_config("/dev/null").error().cause == "it is not a regular file");
  BOOST_TEST(dso::load_config(write("big.yaml", std::string((1 << 20) + 1, '\n'))).error().cause ==
             "it is larger than 1048576 bytes");
  BOOST_TEST(dso::load_config(write("full.yaml", std::string(1 << 20, '\n'))).has_value());
}

BOOST_AUTO_TEST_CASE(every_error_is_a_line_of_the_cause) {
  const std::string path = write("bad.yaml", "version: 1\nagnet: {}\nloging: {}\n");
  const auto loaded = dso::load_config(path);
  BOOST_REQUIRE(loaded.has_error());
  BOOST_TEST(loaded.error().what == "The config '" + path + "' is not valid");
  BOOST_TEST(loaded.error().cause == path + ":2:1: agnet: unknown key. Did you mean 'agent'?\n" + path +
                                         ":3:1: loging: unknown key. Did you mean 'logging'?");
  BOOST_TEST(dso::exit_code(loaded.error().cls) == 2);
  const auto report = dso::load_config_report(path);
  BOOST_REQUIRE(report.has_value());
  BOOST_TEST((!report->valid && report->diagnostics.size() == 3u && report->config.file == path));
}

BOOST_AUTO_TEST_CASE(a_file_that_everyone_may_change_is_a_warning) {
  const std::string path = write("open.yaml", kGood);
  for (const auto& [mode, warnings] : {std::pair<mode_t, std::size_t>{0666, 1}, {0602, 1}, {0664, 0}, {0644, 0}}) {
    chmod(path.c_str(), mode);
    const auto loaded = dso::load_config(path);
    BOOST_REQUIRE(loaded.has_value());
    BOOST_TEST(loaded->diagnostics.size() == warnings);
  }
}

BOOST_AUTO_TEST_SUITE_END()
