// The override's text, as a whole and where quoting could go wrong.
#include <boost/test/unit_test.hpp>

#include "logic/compose_override.h"

BOOST_AUTO_TEST_SUITE(compose_override)

namespace {

using Words = std::vector<std::string>;

std::string text(const std::vector<dso::ServiceOverride>& services) {
  const dso::SecretBuffer out = dso::compose_override(services);
  return std::string(out.begin(), out.end());
}

}  // namespace

BOOST_AUTO_TEST_CASE(golden) {
  dso::ServiceOverride web;
  web.name = "web";
  web.reset = {"DB_PASSWORD"};
  web.blank = {"FROM_FILE"};
  web.set = {{"CERT", "/run/secrets/CERT"}};
  web.visible = {{"PLAIN", "a$b\"c"}};
  web.start = dso::StartCommand{{"/run/dso/init", "sh"}, {"-c", "echo $X"}};
  web.health_test = {"CMD", "/run/dso/init", "probe"};
  web.mounts = {{"/run/dso/secrets/s/m0", "/run/secrets"}, {"/var/lib/dso/init", "/run/dso/init"}};
  web.labels = {{"dso.scope", "compose-p-web-1"}, {"dso.secrets", "default/db"}};
  dso::ServiceOverride db;
  db.name = "db";
  db.labels = {{"dso.scope", "x"}};
  BOOST_TEST(text({web, db}) == R"(services:
  "web":
    environment:
      "DB_PASSWORD": !reset null
      "FROM_FILE": ""
      "CERT": "/run/secrets/CERT"
      "PLAIN": "a$$b\"c"
    entrypoint: ["/run/dso/init", "sh"]
    command: ["-c", "echo $$X"]
    healthcheck:
      test: ["CMD", "/run/dso/init", "probe"]
    labels:
      "dso.scope": "compose-p-web-1"
      "dso.secrets": "default/db"
    volumes:
      - type: bind
        source: "/run/dso/secrets/s/m0"
        target: "/run/secrets"
        read_only: true
        bind: {create_host_path: false}
      - type: bind
        source: "/var/lib/dso/init"
        target: "/run/dso/init"
        read_only: true
        bind: {create_host_path: false}
  "db":
    labels:
      "dso.scope": "x"
)");
  BOOST_TEST(text({}) == "services: {}\n");
}

BOOST_AUTO_TEST_CASE(an_empty_command_is_said) {
  dso::ServiceOverride s;
  s.name = "a";
  s.start = dso::StartCommand{{"/run/dso/init", "web"}, {}};
  BOOST_TEST(text({s}).find("    command: []\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(nothing_breaks_out_of_a_text) {
  dso::ServiceOverride s;
  s.name = "a\": {}\n  b";
  constexpr char kOdd[] = "x\"\\\n\r\t\x01\x7f\0#: {}$${A}\xc2\x85\xc3\xa9";
  const std::string_view odd(kOdd, sizeof kOdd - 1);
  s.visible = {{"V", odd}};
  const std::string out = text({s});
  BOOST_TEST(out ==
             "services:\n  \"a\\\": {}\\x0a  b\":\n    environment:\n"
             "      \"V\": \"x\\\"\\\\\\x0a\\x0d\\x09\\x01\\x7f\\x00#: {}$$$${A}\\x85\xc3\xa9\"\n");
}

BOOST_AUTO_TEST_CASE(health_tests) {
  const auto is = [](const Words& in, const Words& out) { return dso::shimmed_health_test(in) == out; };
  BOOST_TEST(is({"CMD", "probe", "x"}, {"CMD", "/run/dso/init", "probe", "x"}));
  BOOST_TEST(is({"CMD-SHELL", "probe $X"}, {"CMD", "/run/dso/init", "/bin/sh", "-c", "probe $X"}));
  BOOST_TEST(is({"NONE"}, {"NONE"}));
  BOOST_TEST(is({}, {}));
  BOOST_TEST(is({"CMD", "/run/dso/init", "probe"}, {"CMD", "/run/dso/init", "probe"}));
  BOOST_TEST((dso::shimmed_health_test({"CMD-SHELL", "probe"}, {"/bin/bash", "-ec"}) ==
              Words{"CMD", "/run/dso/init", "/bin/bash", "-ec", "probe"}));
  BOOST_TEST((dso::shimmed_health_test({"CMD", "probe"}, {"/bin/bash", "-ec"}) == Words{"CMD", "/run/dso/init", "probe"}));
}

// `docker run` hands it to a shell.
BOOST_AUTO_TEST_CASE(health_commands) {
  BOOST_TEST(dso::shimmed_health_command({"CMD-SHELL", "test -n \"$X\" && echo 'it'"}, {}) ==
             R"(exec '/run/dso/init' '/bin/sh' '-c' 'test -n "$X" && echo '\''it'\''')");
  BOOST_TEST(dso::shimmed_health_command({"CMD", "web", "--probe"}, {}) == "exec '/run/dso/init' 'web' '--probe'");
  BOOST_TEST(dso::shimmed_health_command({"NONE"}, {}) == "");
  BOOST_TEST(dso::shimmed_health_command({}, {"/bin/bash", "-c"}) == "");
}

BOOST_AUTO_TEST_SUITE_END()
