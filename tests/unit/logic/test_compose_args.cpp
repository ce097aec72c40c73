// What is typed behind `dso up` and `dso down`: globals, files, own flags, services; and what must be done to see an image.
#include <boost/test/unit_test.hpp>

#include "logic/compose_args.h"

BOOST_AUTO_TEST_SUITE(compose_args)

namespace {

using dso::ComposeArgs;
using dso::ComposeCommand;
using Words = std::vector<std::string>;
const auto each = boost::test_tools::per_element();

ComposeArgs up(const Words& words) {
  auto result = dso::parse_compose_args(words, ComposeCommand::up);
  BOOST_REQUIRE_MESSAGE(result.has_value(), (result.has_error() ? dso::render(result.error()) : ""));
  return *result;
}

}  // namespace

BOOST_AUTO_TEST_CASE(globals_before_and_after) {
  const ComposeArgs a = up({"-f",
                            "a.yaml",
                            "--file=b.yaml",
                            "-fc.yaml",
                            "-p",
                            "shop",
                            "--profile",
                            "x",
                            "-d",
                            "--env-file",
                            "e",
                            "--project-directory=/d",
                            "--progress",
                            "plain",
                            "--ansi=never",
                            "--compatibility",
                            "--all-resources",
                            "--parallel",
                            "2",
                            "api",
                            "--build",
                            "db"});
  BOOST_TEST(a.files == (Words{"a.yaml", "b.yaml", "c.yaml"}), each);
  BOOST_TEST(a.globals == (Words{"-p", "shop", "--profile", "x", "--env-file", "e", "--project-directory=/d", "--progress",
                                 "plain", "--ansi=never", "--compatibility", "--all-resources", "--parallel", "2"}),
             each);
  BOOST_TEST(a.command == (Words{"-d", "api", "--build", "db"}), each);
  BOOST_TEST(a.services == (Words{"api", "db"}), each);
  BOOST_TEST(a.project_directory == "/d");
  BOOST_TEST(a.env_files == (Words{"e"}), each);
  BOOST_TEST(a.build);
  BOOST_TEST(a.compatibility);
}

BOOST_AUTO_TEST_CASE(own_flags_that_take_a_value) {
  for (const char* flag :
       {"--attach", "--exit-code-from", "--no-attach", "--pull", "--scale", "-t", "--timeout", "--wait-timeout", "-dt", "-wt"}) {
    const ComposeArgs a = up({flag, "value", "api"});
    BOOST_TEST(a.services == (Words{"api"}), each);
    BOOST_TEST(a.command == (Words{flag, "value", "api"}), each);
    BOOST_TEST(dso::parse_compose_args({flag}, ComposeCommand::up).has_error(), flag);
  }
  for (const char* flag : {"-f", "-p", "--file", "--project-name", "--profile", "--env-file", "--project-directory", "--ansi",
                           "--parallel", "--progress"})
    BOOST_TEST(dso::parse_compose_args({flag}, ComposeCommand::up).has_error(), flag);
}

BOOST_AUTO_TEST_CASE(own_switches_take_none) {
  for (const char* flag : {"--abort-on-container-exit",
                           "--abort-on-container-failure",
                           "--always-recreate-deps",
                           "--attach-dependencies",
                           "--build",
                           "-d",
                           "--detach",
                           "--dry-run",
                           "--force-recreate",
                           "--menu",
                           "--no-build",
                           "--no-color",
                           "--no-deps",
                           "--no-log-prefix",
                           "--no-recreate",
                           "--no-start",
                           "--quiet-build",
                           "--quiet-pull",
                           "--remove-orphans",
                           "-V",
                           "--renew-anon-volumes",
                           "--timestamps",
                           "--wait",
                           "-w",
                           "--watch",
                           "-y",
                           "--yes",
                           "-dV",
                           "--menu=false",
                           "--help",
                           "-h"}) {
    const ComposeArgs a = up({flag, "api"});
    BOOST_TEST(a.services == (Words{"api"}), each);
    BOOST_TEST(a.command == (Words{flag, "api"}), each);
  }
  BOOST_TEST(up({"--help"}).help);
  BOOST_TEST(up({"-h"}).help);
  BOOST_TEST(up({"--dry-run"}).dry_run);
  BOOST_TEST(!up({"--build=false"}).build);
}

BOOST_AUTO_TEST_CASE(joined_short_flags) {
  const ComposeArgs a = up({"-df", "a.yaml", "-dfb.yaml", "-t5", "-t=5"});
  BOOST_TEST(a.files == (Words{"a.yaml", "b.yaml"}), each);
  BOOST_TEST(a.command == (Words{"-d", "-d", "-t5", "-t=5"}), each);
  const ComposeArgs p = up({"-dp", "shop", "-Vpshop"});
  BOOST_TEST(p.globals == (Words{"-p", "shop", "-pshop"}), each);
  BOOST_TEST(p.command == (Words{"-d", "-V"}), each);
}

BOOST_AUTO_TEST_CASE(stdin_and_double_dash) {
  BOOST_TEST(up({"-f", "-", "-d"}).files == (Words{"-"}), each);
  const ComposeArgs a = up({"-d", "--", "-api"});
  BOOST_TEST(a.services == (Words{"-api"}), each);
  BOOST_TEST(a.command == (Words{"-d", "--", "-api"}), each);
}

BOOST_AUTO_TEST_CASE(down) {
  auto a =
      dso::parse_compose_args({"-v", "--rmi", "local", "-p", "shop", "-t", "3", "--remove-orphans", "api"}, ComposeCommand::down);
  BOOST_REQUIRE(a.has_value());
  BOOST_TEST(a->command == (Words{"-v", "--rmi", "local", "-t", "3", "--remove-orphans", "api"}), each);
  BOOST_TEST(a->globals == (Words{"-p", "shop"}), each);
  BOOST_TEST(a->services == (Words{"api"}), each);
  auto bad = dso::parse_compose_args({"--rmi"}, ComposeCommand::down);
  BOOST_REQUIRE(bad.has_error());
  BOOST_TEST(bad.error().what == "Cannot read the arguments of `dso down`");
  BOOST_TEST(static_cast<int>(bad.error().cls) == static_cast<int>(dso::ErrorClass::usage));
}

BOOST_AUTO_TEST_CASE(image_steps) {
  const auto step = [](const Words& flags, bool build, const char* policy, bool local) {
    dso::ComposeService s;
    s.has_build = build;
    s.pull_policy = policy;
    return static_cast<int>(dso::image_step(up(flags), s, local));
  };
  const auto none = static_cast<int>(dso::ImageStep::none), build = static_cast<int>(dso::ImageStep::build);
  const auto pull = static_cast<int>(dso::ImageStep::pull), missing = static_cast<int>(dso::ImageStep::missing);
  BOOST_TEST(step({}, false, "", true) == none);
  BOOST_TEST(step({}, false, "", false) == pull);
  BOOST_TEST(step({}, false, "always", true) == pull);
  BOOST_TEST(step({"--pull", "always"}, false, "never", true) == pull);
  BOOST_TEST(step({"--pull", "policy"}, false, "never", false) == missing);
  BOOST_TEST(step({"--pull=never"}, false, "", false) == missing);
  BOOST_TEST(step({}, false, "never", true) == none);
  BOOST_TEST(step({}, true, "", true) == none);
  BOOST_TEST(step({}, true, "", false) == build);
  BOOST_TEST(step({"--build"}, true, "", true) == build);
  BOOST_TEST(step({}, true, "build", true) == build);
  BOOST_TEST(step({"--no-build"}, true, "", false) == missing);
  BOOST_TEST(step({"--no-build"}, true, "build", true) == none);
  BOOST_TEST(step({"--build"}, false, "", true) == none);
}

BOOST_AUTO_TEST_CASE(image_names) {
  dso::ComposeModel m;
  m.project = "shop";
  dso::ComposeService s;
  s.name = "api";
  BOOST_TEST(dso::image_name(up({}), m, s) == "shop-api");
  BOOST_TEST(dso::image_name(up({"--compatibility"}), m, s) == "shop_api");
  s.image = "repo/api:2";
  BOOST_TEST(dso::image_name(up({}), m, s) == "repo/api:2");
}

BOOST_AUTO_TEST_SUITE_END()
