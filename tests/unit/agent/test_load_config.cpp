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

BOOST_AUTO_TEST_CASE(one_that_others_may_change_is_not_obeyed_wherever_it_is_named) {
  const std::string by_name = write("by_name.yaml", kGood), here = write("dso.yaml", kGood);
  const auto told = [](const std::string& path) {
    const auto loaded = dso::load_config(path);
    return loaded.has_error() ? render(loaded.error()) + " exit " + std::to_string(dso::exit_code(loaded.error().cls)) : "obeyed";
  };
  for (const mode_t mode : {0666, 0602, 0664, 0620}) {
    chmod(by_name.c_str(), mode);
    chmod(here.c_str(), mode);
    const std::string who = (mode & 02) != 0 ? "everybody" : "its group";
    const std::string why = who + " may write it: it belongs to uid " + std::to_string(geteuid()) + " and has mode 0";
    BOOST_TEST(told(by_name).starts_with("Cannot use the config '" + by_name + "': " + why));
    BOOST_TEST(told(by_name).ends_with("chmod go-w '" + by_name + "'. exit 2"));
    setenv("DSO_CONFIG", by_name.c_str(), 1);
    BOOST_TEST(told("").starts_with("Cannot use the config '" + by_name + "': " + why));
    unsetenv("DSO_CONFIG");
    BOOST_TEST(told("").starts_with("Cannot use the config 'dso.yaml': " + why));
    BOOST_TEST(told("").ends_with("Or name another config with -c. exit 2"));
  }
  chmod(by_name.c_str(), 0644);
  BOOST_TEST(told(by_name) == "obeyed");
  chmod(dir.c_str(), 0777);
  BOOST_TEST(told(by_name).find("by way of the folder '" + dir + "': everybody may write it") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(in_a_strangers_folder_root_obeys_nothing) {
  if (geteuid() != 0) return;
  const std::string here = write("dso.yaml", kGood);
  BOOST_TEST(dso::load_config("").has_value());
  BOOST_REQUIRE(chown(dir.c_str(), 61234, 0) == 0);
  BOOST_TEST(dso::load_config("").error().cause ==
             "another can be put in its place, by way of the folder '" + dir +
                 "': it belongs to uid 61234 and has mode 0700, and root obeys root's files alone");
  BOOST_REQUIRE(chown(here.c_str(), 61234, 0) == 0 && chown(dir.c_str(), 0, 0) == 0);
  setenv("SUDO_UID", "61234", 1);
  const auto his = dso::load_config("");
  unsetenv("SUDO_UID");
  BOOST_REQUIRE(his.has_error());
  BOOST_TEST(his.error().cause == "it belongs to uid 61234 and has mode 0600, and root obeys root's files alone");
  BOOST_TEST(his.error().next.starts_with("It is of whoever called sudo: run it without sudo, or"));
}

BOOST_AUTO_TEST_SUITE_END()
