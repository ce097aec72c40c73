// Every kind of PID 1, with every way in which its program takes a signal.
#include "logic/signal_reach.h"

#include <csignal>

#include <boost/test/unit_test.hpp>

using namespace dso;

namespace {

constexpr std::uint64_t kHup = 1;

ProcessSignals process(const std::string& name, std::uint64_t caught = 0, std::uint64_t ignored = 0, std::uint64_t blocked = 0) {
  return {name, caught, ignored, blocked};
}

SignalReach reach(const ProcessSignals& first, const ProcessSignals* child = nullptr, int number = SIGHUP) {
  return signal_reach({first, child ? std::optional(*child) : std::nullopt}, number);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(signal_reach_)

BOOST_AUTO_TEST_CASE(a_program_of_its_own) {
  BOOST_TEST((signal_reach({}, SIGHUP) == SignalReach::unknown));
  BOOST_TEST((reach(process("nginx", kHup)) == SignalReach::handled));
  BOOST_TEST((reach(process("web", 0, 0, kHup)) == SignalReach::handled));  // by a signalfd
  BOOST_TEST((reach(process("sleep")) == SignalReach::ignored));
  BOOST_TEST((reach(process("sleep", 0, kHup)) == SignalReach::ignored));
  BOOST_TEST((reach(process("sh")) == SignalReach::ignored));
  BOOST_TEST((reach(process("sh", kHup)) == SignalReach::handled));  // trap
  BOOST_TEST((reach(process("nginx", kHup), nullptr, SIGUSR1) == SignalReach::ignored));
  BOOST_TEST((reach(process("rt", std::uint64_t{1} << 63), nullptr, 64) == SignalReach::handled));
}

BOOST_AUTO_TEST_CASE(an_init_and_its_program) {
  const ProcessSignals catches = process("nginx", kHup), waits = process("web", 0, 0, kHup), ignores = process("nohup", 0, kHup),
                       dies = process("sleep");
  for (const char* init : {"tini", "docker-init", "dumb-init", "catatonit", "s6-svscan"}) {
    const ProcessSignals first = process(init, 0, 0, ~std::uint64_t{0});
    BOOST_TEST((reach(first) == SignalReach::unknown));
    BOOST_TEST((reach(first, &catches) == SignalReach::handled));
    BOOST_TEST((reach(first, &waits) == SignalReach::handled));
    BOOST_TEST((reach(first, &ignores) == SignalReach::ignored));
    BOOST_TEST((reach(first, &dies) == SignalReach::ends_it));
    BOOST_TEST((reach(first, &dies, SIGWINCH) == SignalReach::ignored));
  }
}

BOOST_AUTO_TEST_SUITE_END()
