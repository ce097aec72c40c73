// Each row about signals that do nothing: once well, once not.
#include <boost/test/unit_test.hpp>

#include "doctor_check.h"
#include "logic/doctor_containers.h"
#include "logic/parse_config.h"

using namespace dso;

BOOST_AUTO_TEST_SUITE(doctor_signal_rows)

namespace {

constexpr std::uint64_t kHup = 1;

ContainerFacts api(const char* program, std::uint64_t caught, std::uint64_t ignored = 0, std::uint64_t blocked = 0) {
  ContainerFacts f;
  f.container.name = "api";
  f.container.state = "running";
  f.container.labels = {{"dso.reloader", "true"}, {"dso.strategy", "signal"}};
  f.wanted = {{{"default", "db"}, {}, {}}};
  f.process = ProcessSignals{program, caught, ignored, blocked};
  return f;
}
std::string said_of(const ContainerFacts& f, const char* check) {
  return said(doctor_signal(default_config(), f), check);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_program_that_catches_it) {
  BOOST_TEST(said_of(api("nginx", kHup), "container.pid1") == "ok: PID 1 is 'nginx'");
  BOOST_TEST(said_of(api("nginx", kHup), "container.signal") == "ok: it catches SIGHUP");
  BOOST_TEST(said_of(api("sigwaits", 0, 0, kHup), "container.signal") == "ok: it catches SIGHUP");
  BOOST_TEST(said_of(api("tini", 0), "container.signal") == "ok: it passes SIGHUP on");
}

BOOST_AUTO_TEST_CASE(a_program_that_does_not) {
  BOOST_TEST(said_of(api("sleep", 2), "container.signal").starts_with("error: it does not catch SIGHUP"));
  BOOST_TEST(said_of(api("sleep", 0, kHup), "container.signal").starts_with("error: it ignores SIGHUP"));
  auto other = api("sleep", kHup);
  other.container.labels["dso.signal"] = "USR1";
  BOOST_TEST(said_of(other, "container.signal").starts_with("error: it does not catch SIGUSR1"));
}

BOOST_AUTO_TEST_CASE(an_init_and_its_program) {
  auto f = api("tini", 0);
  f.child = ProcessSignals{"sleep", 0, 0, 0};
  BOOST_TEST(said_of(f, "container.signal").starts_with("error: its program 'sleep' does not catch SIGHUP and would end by it"));
  f.child = ProcessSignals{"nginx", kHup, 0, 0};
  BOOST_TEST(said_of(f, "container.signal") == "ok: it passes SIGHUP on");
}

BOOST_AUTO_TEST_CASE(a_shell) {
  const auto rows = doctor_signal(default_config(), api("sh", 0));
  BOOST_TEST(said(rows, "container.pid1")
                 .starts_with("error: PID 1 is the shell 'sh', which passes no SIGHUP on to its program | Start"));
  BOOST_TEST(!there(rows, "container.signal"));
  BOOST_TEST(said_of(api("sh", kHup), "container.pid1").starts_with("ok: "));  // by a trap
}

BOOST_AUTO_TEST_CASE(only_where_a_signal_is_sent) {
  auto f = api("sleep", 0);
  f.container.labels["dso.strategy"] = "restart";
  BOOST_TEST(doctor_signal(default_config(), f).empty());
}

BOOST_AUTO_TEST_CASE(not_to_be_seen) {
  auto f = api("sleep", 0);
  f.process.reset();
  BOOST_TEST(said_of(f, "container.signal").starts_with("info: "));
}

BOOST_AUTO_TEST_SUITE_END()
