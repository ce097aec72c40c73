// Compose's provider protocol: what is asked, what is answered.
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include "logic/compose_provider.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(compose_provider)

namespace {

using Event = ComposeProviderCall::Event;

Error refused(const std::vector<std::string>& words) {
  auto r = parse_compose_provider(words);
  BOOST_REQUIRE(r.has_error());
  BOOST_TEST((r.error().cls == ErrorClass::usage));
  return r.error();
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_compose_says) {
  const auto up = parse_compose_provider({"--project-name=shop", "up", "--secrets=myapp/db", "--secrets=myapp/tls#key=/k",
                                          "--path=/run/s/", "--visible=true", "secrets"});
  BOOST_REQUIRE(up.has_value());
  BOOST_TEST((up->event == Event::up));
  BOOST_TEST(up->project == "shop");
  BOOST_TEST(up->service == "secrets");
  BOOST_TEST((up->secrets == std::vector<std::string>{"myapp/db", "myapp/tls#key=/k"}));
  BOOST_TEST(up->path == "/run/s");
  BOOST_TEST(up->visible);
  const auto down = parse_compose_provider({"--project-name", "shop", "down", "secrets"});
  BOOST_TEST((down->event == Event::down && down->service == "secrets" && down->project == "shop"));
  BOOST_TEST((parse_compose_provider({"metadata"})->event == Event::metadata));
}

BOOST_AUTO_TEST_CASE(mistakes_name_the_option) {
  BOOST_TEST(refused({"up", "secrets"}).cause.find("'secrets'") != std::string::npos);
  BOOST_TEST(refused({"up", "--secret=x", "s"}).cause.find("'secret'") != std::string::npos);
  BOOST_TEST(refused({"up", "--secret=x", "s"}).next.find("secrets, path and visible") != std::string::npos);
  BOOST_TEST(refused({"up", "--secrets=x", "--path=run", "s"}).cause.find("'path'") != std::string::npos);
  BOOST_TEST(refused({"up", "--secrets=x", "--visible=maybe", "s"}).cause.find("'visible'") != std::string::npos);
  BOOST_TEST(refused({"logs", "s"}).next.find("dso up") != std::string::npos);
  BOOST_TEST(refused({}).next.find("dso up") != std::string::npos);
  BOOST_TEST(refused({"up", "--secrets=x", "a", "b"}).cause.find("'b'") != std::string::npos);
  BOOST_TEST(refused({"up", "--secrets"}).cause.find("no value") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(files_unless_values_may_be_seen) {
  Config config;
  config.providers.emplace_back();
  config.providers[0].name = "default";
  config.providers[0].type = "local";
  ComposeProviderCall call;
  call.secrets = {"myapp/db", "myapp/tls#key"};
  auto items = compose_provider_items(call, config);
  BOOST_REQUIRE(items.has_value());
  BOOST_TEST(items->size() == 2u);
  BOOST_TEST((items->at(0).inject.type == InjectType::file));
  BOOST_TEST(items->at(0).inject.path == "/run/secrets/");
  call.path = "/run/s";
  BOOST_TEST(compose_provider_items(call, config)->at(0).inject.path == "/run/s/");
  call.secrets = {"myapp/db#password:DB_PASSWORD"};
  auto seen = compose_provider_items(call, config);
  BOOST_REQUIRE(seen.has_error());
  BOOST_TEST(seen.error().next.find("visible: true") != std::string::npos);
  call.visible = true;
  items = compose_provider_items(call, config);
  BOOST_REQUIRE(items.has_value());
  BOOST_TEST((items->at(0).inject.type == InjectType::env));
  BOOST_TEST(items->at(0).mappings.at(0).dest == "DB_PASSWORD");
}

BOOST_AUTO_TEST_CASE(lines_that_compose_reads) {
  DeliveryPlan plan;
  plan.files.push_back({.folder = "/run/secrets", .name = "db-password.txt", .content = "x", .uid = {}, .gid = {}});
  plan.env.push_back({"TOKEN", "a=\"b\"\nc"});
  const SecretBuffer lines = compose_variables(plan);
  const std::string text(lines.begin(), lines.end());
  BOOST_TEST(text ==
             "{\"type\":\"setenv\",\"message\":\"DB_PASSWORD_TXT_FILE=/run/secrets/db-password.txt\"}\n"
             "{\"type\":\"setenv\",\"message\":\"TOKEN=a=\\\"b\\\"\\nc\"}\n");
  BOOST_TEST(compose_message("error", "no\nvalue") == "{\"type\":\"error\",\"message\":\"no\\nvalue\"}\n");
}

BOOST_AUTO_TEST_CASE(a_services_name_makes_no_variable_that_steers) {
  const auto told = [](const char* service, const char* file, const char* variable) {
    DeliveryPlan plan;
    if (*file) plan.files.push_back({.folder = "/run/secrets", .name = file, .content = "x", .uid = {}, .gid = {}});
    if (*variable) plan.env.push_back({variable, "x"});
    const auto checked = check_compose_variables(plan, service);
    return checked.has_error() ? checked.error().cause : std::string();
  };
  BOOST_TEST(told("node", "", "OPTIONS").starts_with("it would be the variable NODE_OPTIONS, which steers Node.js"));
  BOOST_TEST(told("ld", "", "PRELOAD").starts_with("it would be the variable LD_PRELOAD, which steers the dynamic loader"));
  BOOST_TEST(told("ssl", "cert", "").starts_with("it would be the variable SSL_CERT_FILE, which steers TLS"));
  BOOST_TEST(told("db", "password", "PATH") == "");
}

BOOST_AUTO_TEST_CASE(metadata_that_compose_checks_with) {
  const auto m = boost::json::parse(compose_provider_metadata());
  BOOST_TEST(m.at("up").at("parameters").at(0).at("name").as_string() == "secrets");
  BOOST_TEST(m.at("up").at("parameters").at(0).at("required").as_bool());
  BOOST_TEST(m.at("up").at("parameters").as_array().size() == 3u);
  BOOST_TEST(m.at("down").at("parameters").as_array().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dso
