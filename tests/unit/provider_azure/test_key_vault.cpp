// Reading secrets: fields, versions, errors by reference, and what a 401 leads to.
#include <boost/test/unit_test.hpp>

#include "key_vault.h"
#include "provider_azure/fake_azure.h"

using fake::a_secret;
using fake::Azure;
using fake::refused;

BOOST_AUTO_TEST_SUITE(key_vault)

BOOST_AUTO_TEST_CASE(a_text_is_the_field_value) {
  Azure azure;
  azure.vault("/secrets/db") = {a_secret("db", "v1", "hello \"you\"")};
  auto i = azure.open();
  const auto e = i.fetch("db");
  BOOST_TEST(e.field(0, "value") == "hello \"you\"");
  BOOST_TEST(e.versions.at(0) == "v1");
  BOOST_TEST(e.identity == "app " + fake::kApp + " (client secret)");
  // the challenge, the login, the read; the next read is one request
  BOOST_TEST(azure.host.requests.size() == 3u);
  BOOST_TEST(!azure.host.requests[0].headers.contains("Authorization"));
  BOOST_TEST(azure.host.requests[0].body.empty());
  i.fetch("db");
  BOOST_TEST(azure.host.requests.size() == 4u);
}

BOOST_AUTO_TEST_CASE(a_json_object_is_its_fields) {
  Azure azure;
  azure.vault("/secrets/db") = {a_secret("db", "v1", R"({"user":"u\n","port": 5432 ,"rate":1.50,"deep":{"a": [1, "x y"]}})")};
  const auto e = azure.open().fetch("db");
  BOOST_TEST(e.field(0, "user") == "u\n");
  BOOST_TEST(e.field(0, "port") == "5432");
  BOOST_TEST(e.field(0, "rate") == "1.50");
  BOOST_TEST(e.field(0, "deep") == R"({"a":[1,"x y"]})");
}

BOOST_AUTO_TEST_CASE(other_json_is_a_text) {
  for (const char* value : {"{}", "[1,2]", "17", "{\"a\":", "{\"\":\"x\"}", ""}) {
    Azure azure;
    azure.vault("/secrets/db") = {a_secret("db", "v1", value)};
    BOOST_TEST(azure.open().fetch("db").field(0, "value") == value);
  }
  Azure azure;
  azure.vault("/secrets/db") = {a_secret("db", "v1", R"({"a":"1","a":"2"})")};
  BOOST_TEST(azure.open().fetch("db").cls(0) == DSO_E_MALFORMED);
}

BOOST_AUTO_TEST_CASE(a_fixed_version) {
  Azure azure;
  azure.vault("/secrets/db/v1") = {a_secret("db", "v1", "old")};
  auto i = azure.open();
  const auto e = i.fetch({{"db", "v1"}, {"db", "v9"}});
  BOOST_TEST(e.field(0, "value") == "old");
  BOOST_TEST(e.cls(1) == DSO_E_VERSION_NOT_FOUND);
  BOOST_TEST(e.error(1).message.find("'v9'") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(names_that_would_reach_another_api) {
  Azure azure;
  auto i = azure.open();
  for (const char* name : {"", "a/b", "..", "a?b", "a b", "a%2fb", "a.b"})
    BOOST_TEST(i.fetch(name).cls(0) == DSO_E_INVALID_REQUEST);
  for (const char* version : {"../x", "a/b", "a?b"}) BOOST_TEST(i.fetch({{"db", version}}).cls(0) == DSO_E_INVALID_REQUEST);
  BOOST_TEST(azure.host.requests.empty());
}

BOOST_AUTO_TEST_CASE(one_missing_secret_does_not_harm_the_others) {
  Azure azure;
  azure.vault("/secrets/b") = {a_secret("b", "v1", "x")};
  azure.vault("/secrets/off") = {refused(403, "Forbidden", "SecretDisabled")};
  azure.vault("/secrets/no") = {refused(403, "Forbidden", "ForbiddenByRbac")};
  azure.vault("/secrets/gone") = {refused(404, "SecretNotFound")};
  azure.vault("/deletedsecrets/gone") = {{200, R"({"id":"x"})"}};
  const auto e = azure.open().fetch({{"a", ""}, {"b", ""}, {"off", ""}, {"no", ""}, {"gone", ""}});
  BOOST_TEST(e.cls(0) == DSO_E_NOT_FOUND);
  BOOST_TEST(e.field(1, "value") == "x");
  BOOST_TEST(e.cls(2) == DSO_E_DISABLED);
  BOOST_TEST(e.cls(3) == DSO_E_ACCESS_DENIED);
  BOOST_TEST(e.cls(4) == DSO_E_DELETED);
  const auto denied = e.error(3);
  BOOST_TEST(denied.store_code == "ForbiddenByRbac");
  BOOST_TEST(denied.request_id == "req-1");
  BOOST_TEST(denied.identity == "app " + fake::kApp + " (client secret)");
  BOOST_TEST(denied.next_step.find("\"Key Vault Secrets User\" on vault 'kv'") != std::string::npos);
  BOOST_TEST(denied.next_step.find("--assignee " + fake::kApp) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(whether_a_missing_one_was_deleted_is_asked_only_where_that_is_allowed) {
  Azure azure;
  azure.vault("/deletedsecrets/a") = {refused(403, "Forbidden", "ForbiddenByRbac")};
  auto i = azure.open();
  BOOST_TEST(i.fetch({{"a", ""}, {"b", ""}}).cls(1) == DSO_E_NOT_FOUND);
  i.fetch("a");
  BOOST_TEST(azure.count("GET " + fake::kVault + "/deletedsecrets/a") == 1);
  BOOST_TEST(azure.count("GET " + fake::kVault + "/deletedsecrets/b") == 0);
}

BOOST_AUTO_TEST_CASE(an_answer_that_is_another_secrets_or_no_vaults) {
  Azure azure;
  azure.vault("/secrets/a") = {a_secret("b", "v1", "x")};
  azure.vault("/secrets/b") = {{200, "<html>log in</html>"}};
  azure.vault("/secrets/c") = {{404, "<html>not here</html>"}};
  azure.vault("/secrets/d") = {{200, R"({"id":"https://kv.vault.azure.net/secrets/d/v1"})"}};
  const auto e = azure.open().fetch({{"a", ""}, {"b", ""}, {"c", ""}, {"d", ""}});
  for (std::size_t n = 0; n < 4; ++n) BOOST_TEST(e.cls(n) == DSO_E_MALFORMED);
  BOOST_TEST(e.fields.empty());
}

BOOST_AUTO_TEST_CASE(throttled_with_the_stores_hint) {
  Azure azure;
  auto throttled = refused(429, "Throttled");
  throttled.headers["retry-after"] = "7";
  azure.vault("/secrets/a") = {throttled};
  const auto e = azure.open().fetch("a");
  BOOST_TEST(e.cls(0) == DSO_E_THROTTLED);
  BOOST_TEST(e.error(0).retry_after_ms == 7000);
}

BOOST_AUTO_TEST_CASE(a_revoked_token_is_replaced_once) {
  Azure azure;
  azure.vault("/secrets/a") = {a_secret("a", "v1", "x")};
  azure.answers["POST " + fake::kLogin] = {fake::logged_in("t1"), fake::logged_in("t2")};
  auto i = azure.open();
  BOOST_TEST(i.fetch("a").cls(0) == DSO_OK);
  azure.good_tokens = {"t2"};
  BOOST_TEST(i.fetch("a").cls(0) == DSO_OK);
  BOOST_TEST(azure.count("POST " + fake::kLogin) == 2);
  // and one that no login cures fails once for all references
  azure.good_tokens = {};
  const auto e = i.fetch({{"a", ""}, {"a", ""}, {"a", ""}});
  for (std::size_t n = 0; n < 3; ++n) BOOST_TEST(e.cls(n) == DSO_E_INVALID_CREDENTIALS);
  BOOST_TEST(e.error(0).store_code == "AKV10000");
  BOOST_TEST(azure.count("POST " + fake::kLogin) == 3);
}

BOOST_AUTO_TEST_CASE(only_once_an_entry_is_a_token_replaced) {
  Azure azure;
  azure.vault("/secrets/a") = {fake::unauthorized(), a_secret("a", "v1", "x")};
  azure.vault("/secrets/b") = {fake::unauthorized(), a_secret("b", "v1", "x")};
  auto i = azure.open();
  const auto e = i.fetch({{"a", ""}, {"b", ""}});
  BOOST_TEST(e.cls(0) == DSO_OK);
  BOOST_TEST(e.cls(1) == DSO_E_INVALID_CREDENTIALS);
  BOOST_TEST(azure.count("POST " + fake::kLogin) == 2);
  BOOST_TEST(i.fetch("b").cls(0) == DSO_OK);
}

BOOST_AUTO_TEST_CASE(claims_that_the_vault_wants_are_passed_on_once) {
  Azure azure;
  const std::string claims =
      R"(Bearer realm="", error="insufficient_claims", claims="eyJhIjoiYiJ9", )" + fake::kChallenge.substr(7);
  azure.vault("/secrets/a") = {fake::unauthorized(claims), a_secret("a", "v1", "x")};
  auto i = azure.open();
  BOOST_TEST(i.fetch("a").cls(0) == DSO_OK);
  BOOST_TEST_REQUIRE(azure.count("POST " + fake::kLogin) == 2);
  BOOST_TEST(azure.host.requests[1].body.find("claims") == std::string::npos);
  BOOST_TEST(azure.host.requests[3].body.find("claims=%7B%22a%22%3A%22b%22%7D") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_challenge_for_somebody_elses_resource_gets_no_token) {
  Azure azure;
  azure.host.on_http = [](const fake::Request&) {
    return fake::unauthorized(
        R"(Bearer authorization="https://login.microsoftonline.com/t", resource="https://graph.microsoft.com")");
  };
  const auto e = azure.open().fetch({{"a", ""}, {"b", ""}});
  BOOST_TEST(e.cls(0) == DSO_E_INVALID_REQUEST);
  BOOST_TEST(e.error(0).next_step.find("verify_challenge_resource: false") != std::string::npos);
  BOOST_TEST(azure.host.requests.size() == 1u);  // no login, and no second question
  Azure other;
  other.host.on_http = azure.host.on_http;
  other.open(fake::kClientSecret, R"("verify_challenge_resource":"false")").fetch("a");
  BOOST_TEST(other.host.requests.size() == 2u);
  BOOST_TEST(other.host.requests[1].body.find("scope=https%3A%2F%2Fgraph.microsoft.com%2F.default") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_address_that_asks_nobody_who_he_is) {
  Azure azure;
  azure.host.on_http = [](const fake::Request&) { return a_secret("a", "v1", "x"); };
  BOOST_TEST(azure.open().fetch("a").cls(0) == DSO_E_MALFORMED);
}

BOOST_AUTO_TEST_CASE(network_failures_keep_their_class) {
  for (const int cls : {DSO_E_NETWORK, DSO_E_TIMEOUT, DSO_E_TLS}) {
    Azure azure;
    azure.host.on_http = [cls](const fake::Request&) { return fake::Response{.failure = cls}; };
    BOOST_TEST(azure.open().fetch("a").cls(0) == cls);
  }
}

BOOST_AUTO_TEST_CASE(ids) {
  BOOST_TEST(azure::version_in_id("https://kv.vault.azure.net/secrets/db/0123abcd") == "0123abcd");
  BOOST_TEST(azure::version_in_id("https://kv.vault.azure.net:443/secrets/db/0123abcd") == "0123abcd");
  BOOST_TEST(azure::version_in_id("https://kv.vault.azure.net/secrets/db") == "");
  BOOST_TEST(azure::version_in_id("https://kv.vault.azure.net/keys/db/1") == "");
  BOOST_TEST(azure::name_in_id("https://kv.vault.azure.net/secrets/db") == "db");
  BOOST_TEST(azure::name_in_id("https://kv.vault.azure.net/secrets/db/1") == "db");
  BOOST_TEST(azure::name_in_id("db") == "");
}

BOOST_AUTO_TEST_SUITE_END()
