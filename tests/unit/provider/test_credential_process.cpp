// A program of the operator's own, run for a provider: only when allowed, only as his file says, within bounds.
#include <fcntl.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>

#include "provider/credential_process.h"
#include "source_fixture.h"

using namespace dso;
using namespace dso::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(provider_credential_process)

namespace {

Result<SecretBuffer> run(const std::string& command, std::chrono::milliseconds time = 20s, std::stop_token stop = {}) {
  const auto env = [](const std::string& name) -> const char* { return std::getenv(name.c_str()); };
  return run_credential_process(command, env, Deadline::in(time), std::move(stop));
}
std::string printed(const std::string& command) {
  const auto out = run(command);
  return out.has_error() ? render(out.error()) : std::string(view(*out));
}

}  // namespace

BOOST_AUTO_TEST_CASE(its_words_its_output_and_no_shell) {
  BOOST_TEST(printed("/bin/echo 'a  b' $HOME \"c;d\"") == "a  b $HOME c;d\n");
  BOOST_TEST(printed("echo found in PATH") == "found in PATH\n");
  BOOST_TEST(printed("cat") == "");  // nothing to read
}

BOOST_AUTO_TEST_CASE(a_clean_environment_and_no_descriptor_of_ours) {
  setenv("DSO_TEST_SECRET", "s3cret", 1);
  const std::string env = printed("env");
  BOOST_TEST(env.find("s3cret") == std::string::npos);
  BOOST_TEST(env.find("PATH=") != std::string::npos);
  const int leaked = open("/dev/null", O_RDONLY);             // on purpose not close-on-exec
  BOOST_TEST(printed("ls /proc/self/fd") == "0\n1\n2\n3\n");  // 3 is the folder that is read
  close(leaked);
}

BOOST_AUTO_TEST_CASE(failures_say_what_and_never_what_it_said) {
  const auto error = [](const std::string& command) { return printed(command); };
  BOOST_TEST(error("sh -c 'echo s3cret; echo s3cret >&2; exit 3'") ==
             "the program 'sh' of credential_process failed: CredentialsUnavailable: it ended with exit code 3. Run it by hand, "
             "as the user and with the "
             "variables that DSO has.");
  BOOST_TEST(error("sh -c 'kill -9 $$'").find("it was ended by signal 9") != std::string::npos);
  BOOST_TEST(error("/no/such/program").find("No such file") != std::string::npos);
  BOOST_TEST(error("sh 'open").find("a quote that is not closed") != std::string::npos);
  BOOST_TEST(error("head -c 70000 /dev/zero").find("more than 64 KiB") != std::string::npos);
  BOOST_TEST(error("head -c 65536 /dev/zero").size() == 65536u);
}

BOOST_AUTO_TEST_CASE(it_is_ended_with_all_that_it_started) {
  const auto before = std::chrono::steady_clock::now();
  const auto slow = run("sh -c 'sleep 100 & sleep 100'", 200ms);
  BOOST_REQUIRE(slow.has_error());
  BOOST_TEST((slow.error().cls == ErrorClass::timeout));
  BOOST_TEST((std::chrono::steady_clock::now() - before < 10s));
  BOOST_TEST(printed("sh -c 'sleep 100 & echo here'") == "here\n");  // what is left behind is not waited for
  std::stop_source stop;
  stop.request_stop();
  BOOST_TEST((run("sleep 100", 20s, stop.get_token()).error().cls == ErrorClass::interrupted));
}

BOOST_AUTO_TEST_CASE(only_command_lines_of_the_file) {
  std::set<std::string, std::less<>> named;
  add_named_programs("[default]\nregion = x\n credential_process = /bin/a 'b c' # why\nCredential_Process=/bin/d\nother=/bin/e\n",
                     named);
  BOOST_TEST(is_named_program("/bin/a 'b c'", named));
  BOOST_TEST(is_named_program("/bin/d", named));
  for (const char* other : {"", "/bin/a", "/bin/a 'b", "/bin/e", "/bin/d x"}) BOOST_TEST(!is_named_program(other, named), other);
}

BOOST_AUTO_TEST_CASE(for_a_provider_only_if_allowed_and_named) {
  const auto folder = std::filesystem::temp_directory_path() / ("dso-process-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "profile") << "[default]\ncredential_process = /bin/echo hello\n";
  SourceFixture f("good");
  f.env["HOME"] = folder.string();
  f.instance.auth_params = {{"profile_file", "~/profile"}};
  const auto refused = fetch_one(*f.make(), "run /bin/echo hello");
  BOOST_REQUIRE(refused.has_error());
  BOOST_TEST((refused.error().cls == ErrorClass::access_denied));
  BOOST_TEST(refused.error().next.find("auth: {params: {allow_credential_process: true}}") != std::string::npos);
  f.instance.auth_params["allow_credential_process"] = "true";
  auto source = f.make();
  BOOST_TEST(field(fetch_one(*source, "run /bin/echo hello"), "value") == "hello\n");
  const auto other = fetch_one(*source, "run /bin/echo other");
  BOOST_REQUIRE(other.has_error());
  BOOST_TEST((other.error().cls == ErrorClass::access_denied));
  std::filesystem::remove_all(folder);
}

BOOST_AUTO_TEST_SUITE_END()
