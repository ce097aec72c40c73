// Log lines as they reach stderr and the followers. Stderr is a file meanwhile, so that what was really written is looked at.
#include "base/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>
#include <sstream>
#include <thread>

#include "temp_folder.h"

using namespace dso;
using namespace dso::test;

namespace {

struct CapturedStderr : TempFolder {
  int saved = dup(STDERR_FILENO);
  CapturedStderr() {
    const int fd = open(file("stderr").c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    dup2(fd, STDERR_FILENO);
    close(fd);
    log::configure(log::Level::info, log::Format::text);
  }
  ~CapturedStderr() {
    restore();
    log::configure(log::Level::info, log::Format::text);
  }
  void restore() {
    if (saved < 0) return;
    dup2(saved, STDERR_FILENO);
    close(saved);
    saved = -1;
  }
  /// What was written until now, line by line.
  std::vector<std::string> lines() {
    std::istringstream in(slurp(file("stderr")));
    std::vector<std::string> out;
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(log_lines, CapturedStderr)

BOOST_AUTO_TEST_CASE(text) {
  log::error("Watcher", "Failed to fetch secret 'myapp/db': AccessDenied");
  log::warn("Agent", "w");
  log::info("Debouncer", "Update suppressed for 'myapp/db'");
  log::debug("Store", "not at this level");
  BOOST_TEST(lines() == (std::vector<std::string>{"ERROR: [Watcher] Failed to fetch secret 'myapp/db': AccessDenied",
                                                  "WARN: [Agent] w", "INFO: [Debouncer] Update suppressed for 'myapp/db'"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(levels) {
  log::configure(log::Level::debug, log::Format::text);
  log::debug("A", "1");
  log::configure(log::Level::error, log::Format::text);
  log::warn("A", "2");
  log::error("A", "3");
  BOOST_TEST(lines() == (std::vector<std::string>{"DEBUG: [A] 1", "ERROR: [A] 3"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(one_event_is_one_line) {
  log::info("Provider", "a\nINFO: [Agent] forged\r\x1b[31m");
  const auto written = lines();
  BOOST_REQUIRE(written.size() == 1u);
  BOOST_TEST(written[0] == "INFO: [Provider] a INFO: [Agent] forged  [31m");
}

BOOST_AUTO_TEST_CASE(no_byte_of_a_message_steers_a_terminal) {
  log::info("Provider", "a\x7f \xc2\x9b\x33\x31m \x9b\x33\x31m \xe2\x80\xae ü");
  BOOST_TEST(lines().at(0) == "INFO: [Provider] a\\x7f \\xc2\\x9b31m \\x9b31m \\xe2\\x80\\xae ü");
}

BOOST_AUTO_TEST_CASE(json) {
  log::configure(log::Level::info, log::Format::json, true);
  log::warn("Reloader", "quote \" newline \n end");
  const auto written = lines();
  BOOST_REQUIRE(written.size() == 1u);
  const auto object = boost::json::parse(written[0]).as_object();
  BOOST_TEST(object.at("level").as_string() == "WARN");
  BOOST_TEST(object.at("component").as_string() == "Reloader");
  BOOST_TEST(object.at("message").as_string() == "quote \" newline \n end");
  const std::string time(object.at("time").as_string());
  BOOST_TEST(time.size() == std::string("2026-01-02T03:04:05.678Z").size());
  BOOST_TEST(time.back() == 'Z');
}

BOOST_AUTO_TEST_CASE(colour_only_where_asked_for_and_only_for_warnings_and_errors) {
  log::configure(log::Level::info, log::Format::text, true);
  log::info("A", "plain");
  log::error("A", "red");
  BOOST_TEST(lines() == (std::vector<std::string>{"INFO: [A] plain", "\033[31mERROR: [A] red\033[0m"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(followers_get_each_line_until_they_leave) {
  std::vector<std::string> a, b;
  const int first = log::follow([&](const std::string& line) { a.push_back(line); });
  const int second = log::follow([&](const std::string& line) { b.push_back(line); });
  log::info("A", "1");
  log::unfollow(first);
  log::info("A", "2");
  log::unfollow(second);
  log::unfollow(second);
  log::info("A", "3");
  BOOST_TEST(a == (std::vector<std::string>{"INFO: [A] 1"}), boost::test_tools::per_element());
  BOOST_TEST(b == (std::vector<std::string>{"INFO: [A] 1", "INFO: [A] 2"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(lines_of_many_threads_do_not_mix) {
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([t] {
        for (int i = 0; i < 100; ++i) log::info("T", std::string(200, static_cast<char>('a' + t)));
      });
  }
  const auto written = lines();
  BOOST_TEST(written.size() == 400u);
  for (const std::string& line : written) {
    BOOST_TEST(line.size() == 210u);
    BOOST_TEST(line.find_first_not_of(line.back(), 10) == std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()
