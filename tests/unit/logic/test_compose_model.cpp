// Compose's own JSON: what is read of it, which references are found, and which are refused where they would pass as text.
#include <boost/test/unit_test.hpp>

#include "logic/compose_model.h"

BOOST_AUTO_TEST_SUITE(compose_model)

namespace {

using dso::EnvReference;
using Words = std::vector<std::string>;
const auto each = boost::test_tools::per_element();

dso::ComposeModel model(std::string_view json) {
  auto result = dso::parse_compose_model(json);
  BOOST_REQUIRE_MESSAGE(result.has_value(), (result.has_error() ? dso::render(result.error()) : ""));
  return *result;
}

dso::Error refused(std::string_view json) {
  auto result = dso::parse_compose_model(json);
  BOOST_REQUIRE(result.has_error());
  return result.error();
}

std::string service(std::string_view body) {
  return R"({"name":"p","services":{"web":{)" + std::string(body) + "}}}";
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_service_in_full) {
  const auto m = model(R"({"name":"shop","networks":{"default":{"name":"shop_default","ipam":{}}},"services":{
    "db":{"command":null,"entrypoint":null,"image":"postgres:16"},
    "web":{"image":"web:1","build":{"context":"/x"},"pull_policy":"always","platform":"linux/arm64",
      "container_name":"w","user":"1000:1000","entrypoint":["sh","-c"],"command":["echo $$X"],
      "labels":{"dso.reloader":"true","m":"a$$b"},
      "healthcheck":{"test":["CMD-SHELL","test $$A"]},"secrets":[{"source":"s"}],
      "environment":{"DB":"dso://prod/db#password","CERT":"dsofile://tls#cert","N":null,"P":"a$$b"}}}})");
  BOOST_TEST(m.project == "shop");
  BOOST_REQUIRE(m.services.size() == 2u);
  const auto& db = m.services[0];
  BOOST_TEST(db.name == "db");
  BOOST_TEST(!db.entrypoint.has_value());
  BOOST_TEST(!db.command.has_value());
  BOOST_TEST(!db.has_build);
  BOOST_TEST(db.references.empty());
  const auto& web = m.services[1];
  BOOST_TEST(web.image == "web:1");
  BOOST_TEST(web.has_build);
  BOOST_TEST(web.pull_policy == "always");
  BOOST_TEST(web.platform == "linux/arm64");
  BOOST_TEST(web.container_name == "w");
  BOOST_TEST(web.user == "1000:1000");
  BOOST_TEST(*web.entrypoint == (Words{"sh", "-c"}), each);
  BOOST_TEST(*web.command == (Words{"echo $X"}), each);
  BOOST_TEST(web.labels.at("m") == "a$b");
  BOOST_TEST(web.health_test == (Words{"CMD-SHELL", "test $A"}), each);
  BOOST_TEST(web.own_secrets);
  BOOST_TEST((web.references == std::vector<EnvReference>{{"DB", false, "prod/db#password"}, {"CERT", true, "tls#cert"}}));
}

BOOST_AUTO_TEST_CASE(what_compose_copies_in) {
  const auto m = model(R"({"name":"p","configs":{"c":{"content":"a"},"f":{"file":"/x"},"e":{"environment":"V"}},
    "secrets":{"s":{"environment":"V"},"file":{"file":"/y"},"out":{"external":true}},
    "services":{"web":{"image":"w","configs":[{"source":"c"},{"source":"f"},{"source":"e","target":"/etc/e"},{"source":"gone"}],
      "secrets":[{"source":"s"},{"source":"s","target":"t"},{"source":"s","target":"/run/t"},{"source":"file"},{"source":"out"}]},
      "db":{"image":"d"}}})");
  BOOST_TEST(m.services[0].copied == (Words{"/c", "/etc/e", "/run/secrets/s", "/run/secrets/t", "/run/t"}), each);
  BOOST_TEST(m.services[1].copied.empty());
}

BOOST_AUTO_TEST_CASE(empty_entrypoint_is_not_no_entrypoint) {
  const auto m = model(service(R"("entrypoint":[],"command":[])"));
  BOOST_REQUIRE(m.services[0].entrypoint.has_value());
  BOOST_TEST(m.services[0].entrypoint->empty());
  BOOST_TEST(m.services[0].command.has_value());
}

BOOST_AUTO_TEST_CASE(dollars_are_compose_escapes) {
  BOOST_TEST(model(service(R"("environment":{"A":"dso://a$$b#$$$$"})")).services[0].references[0].reference == "a$b#$$");
}

BOOST_AUTO_TEST_CASE(references_elsewhere_are_refused) {
  const std::pair<const char*, const char*> cases[] = {
      {R"("command":["serve","--password=dso://db"])", "`command[1]` holds a reference"},
      {R"("entrypoint":["dso://db"])", "`entrypoint[0]` holds"},
      {R"("labels":{"x":"dso://db"})", "`labels.x` holds"},
      {R"("build":{"args":{"TOKEN":"dsofile://db"}})", "`build.args.TOKEN` holds"},
      {R"("healthcheck":{"test":["CMD","dso://db"]})", "`healthcheck.test[1]` holds"},
      {R"("environment":{"URL":"postgres://u:dso://db@h"})", "`environment.URL` holds"},
      {R"("environment":{"URL":" dso://db"})", "`environment.URL` holds"},
      {R"("environment":{"URL":"dso://a,dso://b"})", "`environment.URL` holds"},
      {R"("volumes":[{"source":"dso://db"}])", "`volumes[0].source` holds"},
  };
  for (const auto& [body, cause] : cases) {
    const dso::Error e = refused(service(body));
    BOOST_TEST(static_cast<int>(e.cls) == static_cast<int>(dso::ErrorClass::config));
    BOOST_TEST(e.what == "Cannot deliver to service 'web'");
    BOOST_TEST(e.cause.find(cause) == 0u, e.cause);
  }
  BOOST_TEST(
      refused(R"({"name":"p","services":{},"configs":{"c":{"content":"x dso://db"}}})").cause.find("`configs.c.content`") == 0u);
}

BOOST_AUTO_TEST_CASE(extensions_are_the_users) {
  const auto m =
      model(R"({"name":"p","x-env":{"A":"dso://a"},"services":{"web":{"x-note":"dso://a","environment":{"A":"dso://a"}}}})");
  BOOST_TEST(m.services[0].references.size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_is_not_composes_output) {
  for (const char* bad :
       {"", "[]", "{", "{}", R"({"name":"p","services":[]})", R"({"name":"p","services":{"a":1}})", R"({"name":""})"})
    BOOST_TEST(static_cast<int>(refused(bad).cls) == static_cast<int>(dso::ErrorClass::malformed));
  BOOST_TEST(model(R"({"name":"p","services":null})").services.empty());
  BOOST_TEST(model(R"({"name":"p"})").services.empty());
}

BOOST_AUTO_TEST_CASE(content_from_a_variable) {
  const auto model = dso::parse_compose_model(R"({"name":"p","secrets":{"s":{"name":"p_s","environment":"V"},"f":{"file":"/x"}},)"
                                              R"("configs":{"c":{"environment":"W"}},"services":{}})");
  BOOST_REQUIRE(model.has_value());
  BOOST_REQUIRE(model->from_environment.size() == 2u);
  BOOST_TEST(dso::check_from_environment(*model, "A=dso://x\nV=plain\nVV=dso://x\n").has_value());
  const auto whole = dso::check_from_environment(*model, "V=old\nV=dso://shop/db#pw\nW=x");
  BOOST_REQUIRE(whole.has_error());
  BOOST_TEST(whole.error().cause.starts_with("`secrets.s` has the content of V,"));
  BOOST_TEST(whole.error().next.find("dsofile://shop/db#pw") != std::string::npos);
  const auto inside = dso::check_from_environment(*model, "W=u:hunter2@dso://x");
  BOOST_REQUIRE(inside.has_error());
  BOOST_TEST(inside.error().cause.starts_with("`configs.c`"));
  BOOST_TEST(render(inside.error()).find("hunter2") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_hook_is_told_what_works) {
  const auto model = dso::parse_compose_model(
      R"({"name":"p","services":{"a":{"image":"x","post_start":[{"command":["env"],"environment":{"A":"dso://x"}}]}}})");
  BOOST_REQUIRE(model.has_error());
  BOOST_TEST(model.error().cause.find("post_start[0].environment.A") != std::string::npos);
  BOOST_TEST(model.error().next.find("/run/dso/init") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
