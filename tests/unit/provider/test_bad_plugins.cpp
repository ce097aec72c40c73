// Everything that a hostile or broken provider did in its child: each time one clear error, and afterwards service again.
#include <fcntl.h>
#include <sys/wait.h>
#include <boost/test/unit_test.hpp>

#include "dso/provider.h"
#include "source_fixture.h"

using namespace dso;
using namespace dso::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(provider_bad_plugins)

namespace {

const std::string kAgain = ". It is started again with the next request; if this stays, run `dso provider test ";

std::string file_of(const std::string& kind) {
  return kPlugins + "/libdso_provider_" + kind + ".so";
}

/// What the user reads for the terrible thing `name`, and that the same source then serves.
void expect_death(const std::string& name, const std::string& cls, const std::string& cause, std::chrono::milliseconds time = 20s,
                  const std::string& next = "") {
  BOOST_TEST_CONTEXT(name) {
    SourceFixture f("bad");
    auto source = f.make();
    BOOST_REQUIRE(source->open(Deadline::in(20s), {}).has_value());
    LogCapture log;
    const auto v = fetch_one(*source, name, time);
    BOOST_REQUIRE(v.has_error());
    BOOST_TEST(render(v.error()) == "Failed to fetch secret '" + name + "': " + cls + ": the provider of 'prod' (" +
                                        file_of("bad") + ") failed: " + cause + (next.empty() ? "." : ". " + next) +
                                        kAgain.substr(1) + file_of("bad") + "`.");
    BOOST_TEST(log.lines().empty());  // the caller logs the error; there is no second line for it
    BOOST_TEST(field(fetch_one(*source, "after"), "value") == "fine");
    BOOST_TEST(log.lines().size() == 1u);
    BOOST_TEST(log.lines().at(0) == "INFO: [Provider] prod: started again after: " + cause);
  }
}

void expect_refusal(const std::string& kind, const std::string& cause_and_next) {
  BOOST_TEST_CONTEXT(kind) {
    SourceFixture f(kind);
    auto source = f.make();
    LogCapture log;
    const auto opened = source->open(Deadline::in(20s), {});
    BOOST_REQUIRE(opened.has_error());
    BOOST_TEST((opened.error().cls == ErrorClass::plugin));
    BOOST_TEST(render(opened.error()) ==
               "Cannot open the provider 'prod': the provider of 'prod' (" + file_of(kind) + ") failed: " + cause_and_next);
    BOOST_TEST(log.lines().empty());
    // the agent goes on: another instance serves
    SourceFixture other("good");
    BOOST_TEST(field(fetch_one(*other.make(), "one"), "user") == "app");
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(crashes) {
  expect_death("crash", "Unavailable", "it crashed (SIGABRT)");
  expect_death("segfault", "Unavailable", "it crashed (SIGSEGV)");
  expect_death("exit", "Unavailable", "it ended by itself with exit code 7");
}

BOOST_AUTO_TEST_CASE(hangs) {
  expect_death("hang", "Timeout", "it did not answer within 400 ms and was stopped", 400ms);
  expect_death("hang-deaf", "Timeout", "it did not answer within 400 ms and was stopped", 400ms);
  expect_death("flood", "Timeout", "it did not answer within 400 ms and was stopped", 400ms);
  expect_death("flood-raw", "Timeout", "it did not answer within 400 ms and was stopped", 400ms);
}

BOOST_AUTO_TEST_CASE(nonsense_on_the_wire) {
  const std::string nonsense = "it sent something that is not the provider protocol and was stopped";
  expect_death("garbage", "Unavailable", nonsense);
  expect_death("unknown-frame", "Unavailable", nonsense);
  expect_death("loaded-again", "Unavailable", nonsense);
  expect_death("half", "Unavailable", "it ended by itself with exit code 0 in the middle of an answer");
  expect_death("close-socket", "Unavailable", "it closed its connection and was stopped");
}

BOOST_AUTO_TEST_CASE(too_much) {
  expect_death("too-much", "Unavailable", "it answered with more than 16 MiB and was stopped", 20s,
               "Ask for fewer secrets at once.");
  expect_death("one-giant", "Unavailable", "the provider gave more than 8 MiB at once", 20s,
               "This is a mistake in the provider.");
  expect_death("two-gigabytes", "Unavailable", "the provider gave more than 8 MiB at once", 20s,
               "This is a mistake in the provider.");
}

BOOST_AUTO_TEST_CASE(wrong_answers_are_an_error_of_the_reference_and_the_process_lives) {
  SourceFixture f("bad");
  auto source = f.make();
  LogCapture log;
  BOOST_TEST(
      render(fetch_one(*source, "wrong-ref").error()) ==
      "Failed to fetch secret 'wrong-ref': Malformed: the provider gave no answer for it (it answered for reference 9 of 1). "
      "This is a mistake in the provider.");
  BOOST_TEST(
      render(fetch_one(*source, "silent").error()) ==
      "Failed to fetch secret 'silent': Malformed: the provider gave no answer for it. This is a mistake in the provider.");
  BOOST_TEST(
      render(fetch_one(*source, "twice").error()) ==
      "Failed to fetch secret 'twice': Malformed: the provider gave a field twice for it. This is a mistake in the provider.");
  const SecretRef refs[] = {{"fine", ""}, {"silent", ""}};
  const auto all = source->fetch(refs, Deadline::in(20s), {});
  BOOST_TEST(field(all[0], "value") == "fine");
  BOOST_TEST(all[1].has_error());
  BOOST_TEST(log.lines().empty());
}

// One secret that kills the process, or answers too much, takes no other secret of the same call with it.
BOOST_AUTO_TEST_CASE(one_bad_secret_of_several) {
  for (const char* bad : {"crash", "exit", "too-much", "one-giant", "garbage", "close-socket"}) BOOST_TEST_CONTEXT(bad) {
      SourceFixture f("bad");
      auto source = f.make();
      const SecretRef refs[] = {{"one", ""}, {bad, ""}, {"two", ""}, {"three", ""}};
      const auto all = source->fetch(refs, Deadline::in(60s), {});
      BOOST_REQUIRE(all.size() == 4u);
      for (const int i : {0, 2, 3}) BOOST_TEST(field(all[static_cast<std::size_t>(i)], "value") == "fine");
      BOOST_REQUIRE(all[1].has_error());
      BOOST_TEST(all[1].error().what == "Failed to fetch secret '" + std::string(bad) + "'");
    }
}

BOOST_AUTO_TEST_CASE(what_it_prints_goes_nowhere) {
  SourceFixture f("bad");
  auto source = f.make();
  const auto v = fetch_one(*source, "printing");
  BOOST_TEST(field(v, "value") == "fine");
  for (const char* stream : {"in", "out", "err"}) BOOST_TEST(field(v, stream) == "/dev/null");
}

BOOST_AUTO_TEST_CASE(it_reaches_no_descriptor_but_its_socket) {
  const int leaked = open("/etc/passwd", O_RDONLY);  // on purpose not close-on-exec
  SourceFixture f("bad");
  auto source = f.make();
  BOOST_TEST(field(fetch_one(*source, "fds"), "fds") == "0 1 2 4 ");
  close(leaked);
}

BOOST_AUTO_TEST_CASE(symbols_besides_ours_meet_nobody) {
  SourceFixture f("extra-symbol");
  auto source = f.make();
  BOOST_TEST(fetch_one(*source, "db").has_value());  // in a process of its own its malloc is nobody else's
}

BOOST_AUTO_TEST_CASE(misfits_are_refused_with_the_cure) {
  expect_refusal(
      "wrong-abi",
      "it was built for provider ABI 2.3, this DSO has ABI 1.0. Update DSO, or install an older release of the provider.");
  expect_refusal("old-abi",
                 "it was built for provider ABI 0.3, this DSO has ABI 1.0. Install a newer release of the provider, or build it "
                 "with this DSO's dso/provider.h.");
  expect_refusal("null-api",
                 "it cannot serve a host with provider ABI 1.0. Install the provider of this DSO release, or update DSO.");
  expect_refusal("no-symbol", "it does not export dso_provider_get_api. It is no DSO provider; see docs/provider-abi.md.");
  expect_refusal("short-table", "its table has 40 bytes, ABI 1.0 needs " + std::to_string(offsetof(dso_provider_api, events)) +
                                    ". Set struct_size to sizeof(dso_provider_api) and build it with dso/provider.h.");
  expect_refusal("no-fetch", "its table has no 'fetch'. A provider needs open, fetch and close.");
  expect_refusal("undefined",
                 "it cannot be loaded: undefined symbol: function_that_nobody_has. Check that it was built for this machine and "
                 "is complete.");
  expect_refusal(
      "wrong-name",
      "it calls itself 'other', its file says 'wrong-name'. Name the file libdso_provider_other.so and set type: other.");
  expect_refusal(
      "network",
      "it brings its own network stack, which the config does not allow. If you trust it, set sandbox: network for 'prod'.");
}

BOOST_AUTO_TEST_CASE(sandbox_network_lets_it_open) {
  SourceFixture f("network");
  f.instance.sandbox = "network";
  BOOST_TEST(f.make()->open(Deadline::in(20s), {}).has_value());
}

BOOST_AUTO_TEST_CASE(crashes_before_the_first_call) {
  const auto text = [](const std::string& kind) {
    SourceFixture f(kind);
    const auto opened = f.make()->open(Deadline::in(20s), {});
    BOOST_REQUIRE(opened.has_error());
    BOOST_TEST((opened.error().cls == ErrorClass::unavailable));
    return opened.error().cause;
  };
  BOOST_TEST(text("crash-in-constructor") ==
             "the provider of 'prod' (" + file_of("crash-in-constructor") + ") failed: it crashed (SIGABRT) while it was loaded");
  BOOST_TEST(text("crash-in-open") == "the provider of 'prod' (" + file_of("crash-in-open") + ") failed: it crashed (SIGABRT)");
}

BOOST_AUTO_TEST_CASE(an_open_without_an_instance) {
  SourceFixture f("bad");
  f.instance.settings = {{"mode", "no-instance"}};
  auto source = f.make();
  const auto v = fetch_one(*source, "one");
  BOOST_REQUIRE(v.has_error());
  BOOST_TEST(v.error().cause.find("its 'open' gave no instance") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_escaped_exception_is_one_error_without_its_text) {
  SourceFixture f("throws");
  auto source = f.make();
  const auto v = fetch_one(*source, "throw");
  BOOST_REQUIRE(v.has_error());
  BOOST_TEST(v.error().cause ==
             "the provider of 'prod' (" + file_of("throws") + ") failed: an exception escaped from its 'fetch'");
  BOOST_TEST(render(v.error()).find("s3cret") == std::string::npos);
  BOOST_TEST(field(fetch_one(*source, "other one"), "value") == "fine");
}

BOOST_AUTO_TEST_CASE(a_crash_loop_waits_longer_each_time) {
  SourceFixture f("crash-in-open");
  f.restart = {std::chrono::hours(1), std::chrono::hours(2)};
  auto source = f.make();
  BOOST_TEST(source->open(Deadline::in(20s), {}).has_error());
  BOOST_TEST(source->open(Deadline::in(20s), {}).has_error());  // the first death is followed by a start at once
  const auto v = fetch_one(*source, "one");
  BOOST_REQUIRE(v.has_error());
  BOOST_TEST((v.error().cls == ErrorClass::unavailable));
  BOOST_TEST(v.error().cause ==
             "the provider of 'prod' (" + file_of("crash-in-open") + ") failed 2 times in a row, at last: it crashed (SIGABRT)");
  BOOST_TEST(v.error().next == "It is started again in 3600 s at the earliest.");
  BOOST_TEST(v.error().retry_after.has_value());
}

BOOST_AUTO_TEST_CASE(a_hang_that_ignores_the_stop_is_ended) {
  SourceFixture f("bad");
  auto source = f.make();
  BOOST_REQUIRE(source->open(Deadline::in(20s), {}).has_value());
  std::stop_source stop;
  stop.request_stop();
  BOOST_TEST((fetch_one(*source, "hang", 20s, stop.get_token()).error().cls == ErrorClass::interrupted));
  BOOST_TEST(field(fetch_one(*source, "one"), "value") == "fine");
}

BOOST_AUTO_TEST_CASE(fifty_crashes_leave_nothing_behind) {
  {
    SourceFixture f("bad");
    auto source = f.make();
    fetch_one(*source, "crash");
    const std::size_t before = open_descriptors();
    for (int i = 0; i < 50; ++i) BOOST_TEST(fetch_one(*source, i % 2 ? "crash" : "garbage").has_error());
    BOOST_TEST(open_descriptors() == before);
    BOOST_TEST(field(fetch_one(*source, "one"), "value") == "fine");
  }
  errno = 0;
  BOOST_TEST(waitpid(-1, nullptr, WNOHANG) == -1);
  BOOST_TEST(errno == ECHILD);
}

BOOST_AUTO_TEST_SUITE_END()
