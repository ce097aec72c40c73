// A tool of the system, run: input, output, exit code, an empty environment, and an end at the deadline.
#include "docker/run_tool.h"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdlib>

namespace dso {
BOOST_AUTO_TEST_SUITE(run_a_tool)

namespace {

using namespace std::chrono_literals;

Result<ToolRun> sh(const std::string& script, std::string_view input = {}, Deadline d = Deadline::in(30s)) {
  return run_tool("/bin/sh", {"-c", script}, input, d);
}

}  // namespace

BOOST_AUTO_TEST_CASE(found_where_root_alone_writes) {
  BOOST_TEST(find_tool("sh").ends_with("bin/sh"));
  BOOST_TEST(find_tool("sh")[0] == '/');
  BOOST_TEST(find_tool("dso-no-such-tool") == "");
}

BOOST_AUTO_TEST_CASE(input_output_and_code) {
  const std::string much(300'000, 'x');  // more than a pipe holds, both ways
  const ToolRun run = sh("cat; echo complaint >&2; exit 3", much).value();
  BOOST_TEST((run.out == much));
  BOOST_TEST(run.err == "complaint\n");
  BOOST_TEST(run.exit_code == 3);
  BOOST_TEST(sh("kill -9 $$").value().exit_code == 137);
  BOOST_TEST(sh("yes | head -c 100000 >&2").value().err.size() == 400u);
}

BOOST_AUTO_TEST_CASE(nothing_of_ours_is_handed_on) {
  setenv("DSO_UNIT_TOOL", "leaks", 1);
  BOOST_TEST(run_tool(find_tool("env"), {}, {}, Deadline::in(30s)).value().out == "");
  unsetenv("DSO_UNIT_TOOL");
}

BOOST_AUTO_TEST_CASE(errors) {
  auto late = sh("exec sleep 60", {}, Deadline::in(50ms));
  BOOST_REQUIRE(late.has_error());
  BOOST_TEST((late.error().cls == ErrorClass::timeout));
  BOOST_TEST(run_tool("/no/such/tool", {}, {}, Deadline::in(30s)).has_error());
  auto bad = run_tool_well("/bin/sh", {"-c", "echo why >&2; exit 2"}, {}, Deadline::in(30s), "Failed to try");
  BOOST_REQUIRE(bad.has_error());
  BOOST_TEST(bad.error().what == "Failed to try");
  BOOST_TEST(bad.error().cause == "/bin/sh ended with 2: why");
  BOOST_TEST(run_tool_well("/bin/sh", {"-c", "echo out"}, {}, Deadline::in(30s), "x").value() == "out\n");
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
