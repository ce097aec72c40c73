// `docker run`'s command line: every form of flag that Docker's parser knows, and where the image begins.
#include <boost/test/unit_test.hpp>

#include "logic/run_args.h"

BOOST_AUTO_TEST_SUITE(run_args)

namespace {

using dso::RunArgs;
using Words = std::vector<std::string>;

RunArgs parsed(const Words& words) {
  auto result = dso::parse_run_args(words);
  BOOST_REQUIRE_MESSAGE(result.has_value(), (result.has_error() ? dso::render(result.error()) : ""));
  return *result;
}

dso::Error refused(const Words& words) {
  auto result = dso::parse_run_args(words);
  BOOST_REQUIRE(result.has_error());
  BOOST_TEST(static_cast<int>(result.error().cls) == static_cast<int>(dso::ErrorClass::usage));
  return result.error();
}

}  // namespace

BOOST_AUTO_TEST_CASE(image_and_command) {
  const RunArgs a = parsed({"busybox", "sh", "-c", "--secret x"});
  BOOST_TEST(a.image == "busybox");
  BOOST_TEST(a.command == (Words{"sh", "-c", "--secret x"}), boost::test_tools::per_element());
  BOOST_TEST(a.flags.empty());
  BOOST_TEST(a.secrets.empty());
}

BOOST_AUTO_TEST_CASE(secret_is_taken_out_and_the_rest_kept_word_for_word) {
  const RunArgs a =
      parsed({"--rm", "--secret", "myapp/db", "-p", "80:80", "--secret=a:B", "-e=X=--secret", "img", "--secret", "no"});
  BOOST_TEST(a.secrets == (Words{"myapp/db", "a:B"}), boost::test_tools::per_element());
  BOOST_TEST(a.flags == (Words{"--rm", "-p", "80:80", "-e=X=--secret"}), boost::test_tools::per_element());
  BOOST_TEST(a.image == "img");
  BOOST_TEST(a.command == (Words{"--secret", "no"}), boost::test_tools::per_element());
  BOOST_TEST(a.remove);
}

// Each switch must not eat the image; were one missing from the table, "img" would become its value.
BOOST_AUTO_TEST_CASE(every_switch_takes_no_value) {
  for (const char* flag : {"-d",
                           "--detach",
                           "-i",
                           "--interactive",
                           "-t",
                           "--tty",
                           "--rm",
                           "--init",
                           "--privileged",
                           "--read-only",
                           "-P",
                           "--publish-all",
                           "--no-healthcheck",
                           "--oom-kill-disable",
                           "--sig-proxy",
                           "--disable-content-trust",
                           "-q",
                           "--quiet",
                           "--help",
                           "--use-api-socket",
                           "--rm=true",
                           "--sig-proxy=false",
                           "-d=false",
                           "-dit",
                           "-itd",
                           "-tiPq",
                           "-it=true"}) {
    const RunArgs a = parsed({flag, "img", "cmd"});
    BOOST_TEST(a.image == "img", flag);
    BOOST_TEST(a.flags == (Words{flag}), boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(every_other_flag_takes_one) {
  for (const char* flag : {"--add-host",
                           "-a",
                           "--attach",
                           "--blkio-weight",
                           "--cap-add",
                           "--cidfile",
                           "-c",
                           "--cpu-shares",
                           "--cpus",
                           "--detach-keys",
                           "--device",
                           "--dns",
                           "--entrypoint",
                           "-e",
                           "--env",
                           "--env-file",
                           "--expose",
                           "--gpus",
                           "--group-add",
                           "--health-cmd",
                           "-h",
                           "--hostname",
                           "--ip",
                           "-l",
                           "--label",
                           "--label-file",
                           "--link",
                           "--log-driver",
                           "-m",
                           "--memory",
                           "--mount",
                           "--name",
                           "--net",
                           "--network",
                           "--pid",
                           "--platform",
                           "-p",
                           "--publish",
                           "--pull",
                           "--restart",
                           "--security-opt",
                           "--shm-size",
                           "--stop-signal",
                           "--tmpfs",
                           "--ulimit",
                           "-u",
                           "--user",
                           "-v",
                           "--volume",
                           "-w",
                           "--workdir",
                           "-itp",
                           "-dv",
                           "--a-flag-of-tomorrow"}) {
    const RunArgs two = parsed({flag, "value", "img"});
    BOOST_TEST(two.image == "img", flag);
    BOOST_TEST(two.flags == (Words{flag, "value"}), boost::test_tools::per_element());
    const RunArgs one = parsed({std::string(flag) + "=value", "img"});
    BOOST_TEST(one.image == "img", flag);
  }
}

BOOST_AUTO_TEST_CASE(value_joined_to_a_short_flag) {
  BOOST_TEST(parsed({"-p80:80", "img"}).image == "img");
  BOOST_TEST(parsed({"-itp80:80", "img"}).image == "img");
  BOOST_TEST(parsed({"-u1000", "img"}).user == "1000");
  BOOST_TEST(parsed({"-u=1000:2", "img"}).user == "1000:2");
  BOOST_TEST(parsed({"-du", "1000", "img"}).user == "1000");
  // "-vd" gives the volume "d": it is no switch.
  const RunArgs a = parsed({"-vd", "img"});
  BOOST_TEST(!a.detach);
  BOOST_TEST(a.image == "img");
}

BOOST_AUTO_TEST_CASE(what_delivery_needs_to_know) {
  const RunArgs a = parsed(
      {"-dit",          "--name=web",  "--user",       "1000:1000",    "--entrypoint", "",       "-l",    "dso.reloader=true",
       "--label=a=b=c", "-l",          "bare",         "--label-file", "l.txt",        "-eDB=1", "--env", "B",
       "--platform",    "linux/arm64", "--pull=never", "-q",           "img"});
  BOOST_TEST(a.detach);
  BOOST_TEST(a.quiet);
  BOOST_TEST(!a.remove);
  BOOST_TEST(a.name == "web");
  BOOST_TEST(a.user == "1000:1000");
  BOOST_REQUIRE(a.entrypoint.has_value());
  BOOST_TEST(*a.entrypoint == "");
  BOOST_TEST(a.labels.at("dso.reloader") == "true");
  BOOST_TEST(a.labels.at("a") == "b=c");
  BOOST_TEST(a.labels.at("bare") == "");
  BOOST_TEST(a.label_files == (Words{"l.txt"}), boost::test_tools::per_element());
  BOOST_REQUIRE(a.variables.size() == 2u);
  BOOST_TEST(a.variables[0].name == "DB");
  BOOST_TEST(a.variables[1].name == "B");
  BOOST_TEST(a.platform == "linux/arm64");
  BOOST_TEST(a.pull == "never");
}

BOOST_AUTO_TEST_CASE(a_switch_can_be_off) {
  BOOST_TEST(!parsed({"--rm=false", "img"}).remove);
  BOOST_TEST(!parsed({"-d=0", "img"}).detach);
  BOOST_TEST(parsed({"--detach=1", "img"}).detach);
  BOOST_TEST(!parsed({"-d", "--detach=false", "img"}).detach);
}

BOOST_AUTO_TEST_CASE(double_dash_ends_flags) {
  const RunArgs a = parsed({"--rm", "--", "img", "--", "x"});
  BOOST_TEST(a.image == "img");
  BOOST_TEST(a.flags == (Words{"--rm"}), boost::test_tools::per_element());
  BOOST_TEST(a.command == (Words{"--", "x"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(mistakes) {
  BOOST_TEST(refused({}).cause == "no image was named");
  BOOST_TEST(refused({"--rm"}).cause == "no image was named");
  BOOST_TEST(refused({"--rm", "--"}).cause == "no image was named");
  BOOST_TEST(refused({"--name"}).cause == "the flag --name needs a value");
  BOOST_TEST(refused({"-itp"}).cause == "the flag -itp needs a value");
  BOOST_TEST(refused({"--secret"}).next.find("For example: dso run") == 0u);
  BOOST_TEST(refused({"--secrets", "a", "img"}).next.find("--secret once for each") != std::string::npos);
  BOOST_TEST(parsed({"--help"}).help);
}

BOOST_AUTO_TEST_CASE(label_file) {
  const auto labels = dso::parse_label_file("# c\ndso.reloader=true\r\n\n  a=b=c\nbare");
  BOOST_TEST(labels.size() == 3u);
  BOOST_TEST(labels.at("dso.reloader") == "true");
  BOOST_TEST(labels.at("a") == "b=c");
  BOOST_TEST(labels.at("bare") == "");
}

BOOST_AUTO_TEST_CASE(references_are_taken_out_of_the_variables) {
  const RunArgs a = parsed(
      {"-e", "A=dso://shop/db#password", "-e", "P=plain", "--env=B=dsofile://tls", "-ite", "C=dso://c", "-itdeD=dso://d", "img"});
  BOOST_TEST(a.flags == (Words{"-e", "P=plain", "-it", "-itd"}), boost::test_tools::per_element());
  BOOST_REQUIRE(a.variables.size() == 5u);
  BOOST_TEST((a.variables[0].reference == dso::EnvReference{"A", false, "shop/db#password"}));
  BOOST_TEST((a.variables[2].reference == dso::EnvReference{"B", true, "tls"}));
  BOOST_TEST((a.variables[4].reference == dso::EnvReference{"D", false, "d"}));
  BOOST_TEST((a.variables[1].mention == dso::Mention::none));
  BOOST_TEST(a.detach);
}

BOOST_AUTO_TEST_CASE(env_files_are_found_again) {
  RunArgs a = parsed({"--env-file", "a.env", "-d", "--env-file=b.env", "img", "--env-file", "no"});
  BOOST_REQUIRE(a.env_files.size() == 2u);
  dso::replace_env_file(a, a.env_files[1], "/proc/self/fd/7");
  BOOST_TEST(a.flags == (Words{"--env-file", "a.env", "-d", "--env-file=/proc/self/fd/7"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_reference_elsewhere) {
  const auto told = [](const Words& words, const std::string& where) {
    const dso::Error e = refused(words);
    BOOST_TEST(e.cause.starts_with(where), e.cause);
    BOOST_TEST(e.cause.find("hunter2") == std::string::npos);
  };
  told({"img", "sh", "-c", "echo dso://x"}, "word 3 of the command");
  told({"-l", "x=dso://y", "img"}, "the flag -l");
  told({"-d", "--health-cmd=PW=hunter2 dsofile://y", "img"}, "the flag --health-cmd");
  told({"--entrypoint", "dso://x", "img"}, "the flag --entrypoint");
}

BOOST_AUTO_TEST_SUITE_END()
