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

BOOST_AUTO_TEST_CASE(a_line_of_dso_compose) {
  const dso::ComposeLine run =
      dso::split_compose_line({"-f", "a.yaml", "--profile=x", "-pshop", "--dry-run", "run", "-p", "80:80", "api"});
  BOOST_TEST(run.globals == (Words{"-f", "a.yaml", "--profile=x", "-pshop", "--dry-run"}), each);
  BOOST_TEST(run.verb == "run");
  BOOST_TEST(run.words == (Words{"-p", "80:80", "api"}), each);
  for (const Words& none : {Words{}, Words{"--version"}, Words{"-f"}, Words{"--file", "run"}})
    BOOST_TEST(dso::split_compose_line(none).verb.empty());
}

BOOST_AUTO_TEST_CASE(run_has_flags_of_its_own_and_one_service) {
  ComposeArgs a = dso::parse_compose_args({"--rm", "-p", "80:80", "-e", "A=b", "--entrypoint", "sh -c", "-u1000", "--no-deps",
                                           "--env-from-file=x.env", "api", "echo", "-f", "--user", "7", "--", "x"},
                                          ComposeCommand::run, {"-f", "a.yaml", "-p", "shop", "--dry-run"})
                      .value();
  BOOST_TEST(a.files == (Words{"a.yaml"}), each);
  BOOST_TEST(a.globals == (Words{"-p", "shop", "--dry-run"}), each);
  BOOST_TEST(a.services == (Words{"api"}), each);
  BOOST_TEST(a.env == (Words{"A=b"}), each);
  BOOST_TEST(a.env_from_files == (Words{"x.env"}), each);
  BOOST_TEST(a.user == "1000");
  BOOST_TEST(a.no_deps);
  BOOST_TEST(a.dry_run);
  dso::put_before_entrypoint(a, "/run/dso/init");
  dso::put_before_command(a, "INIT");
  BOOST_TEST(a.command == (Words{"--rm", "-p", "80:80", "-e", "A=b", "--entrypoint", "/run/dso/init sh -c", "-u1000", "--no-deps",
                                 "--env-from-file=x.env", "api", "INIT", "echo", "-f", "--user", "7", "--", "x"}),
             each);
  a = dso::parse_compose_args({"--entrypoint=", "--", "api", "x"}, ComposeCommand::run).value();
  dso::put_before_entrypoint(a, "i");
  BOOST_TEST(a.command == (Words{"--entrypoint=i ", "--", "api", "x"}), each);
  BOOST_TEST(a.services == (Words{"api"}), each);
}

BOOST_AUTO_TEST_CASE(exec_finds_where_the_command_begins) {
  ComposeArgs a = dso::parse_compose_args({"-T", "--index", "2", "-eA", "api", "env"}, ComposeCommand::exec).value();
  dso::put_before_command(a, "INIT");
  BOOST_TEST(a.command == (Words{"-T", "--index", "2", "-eA", "api", "INIT", "env"}), each);
  BOOST_TEST(a.env == (Words{"A"}), each);
  const auto none = dso::parse_compose_args({"--user"}, ComposeCommand::exec);
  BOOST_REQUIRE(none.has_error());
  BOOST_TEST(none.error().what == "Cannot read the arguments of `dso compose exec`");
}

BOOST_AUTO_TEST_CASE(who_is_started) {
  BOOST_TEST(dso::is_started(up({"api"}), "db"));
  BOOST_TEST(dso::is_started(up({"--no-deps"}), "db"));
  BOOST_TEST(!dso::is_started(up({"--no-deps", "api"}), "db"));
  BOOST_TEST(dso::is_started(up({"api", "--no-deps"}), "api"));
  BOOST_TEST(dso::is_started(up({"api", "--no-deps=false"}), "db"));
}

BOOST_AUTO_TEST_CASE(composes_own_calls_are_told_apart) {
  for (const Words& protocol : {Words{"metadata"}, Words{"--project-name=p", "up", "--secrets=db", "api"},
                                Words{"--project-name", "p", "up", "--path=/x", "api"},
                                Words{"--project-name=p", "up", "--visible=true", "--secrets=a", "s"}})
    BOOST_TEST(dso::is_provider_call(protocol, "sh"));
  for (const Words& persons :
       {Words{}, Words{"up", "-d"}, Words{"--project-name=p", "up", "-d", "api"}, Words{"--project-name=p", "down", "api"},
        Words{"--project-name=p", "run", "api", "--secrets=x"}, Words{"metadata", "x"}}) {
    BOOST_TEST(!dso::is_provider_call(persons, "bash"));
    BOOST_TEST(dso::is_provider_call(persons, "docker-compose"));
  }
}

BOOST_AUTO_TEST_SUITE_END()
