// Tokens over their lives, on fake answers and a clock of the test's: login, renewal, expiry, refusal, wrapping.
#include "vault_auth.h"

#include <boost/test/unit_test.hpp>

#include "provider_vault/fake_vault.h"

BOOST_AUTO_TEST_SUITE(vault_auth)

namespace {

const std::string kMounted = R"("mount":"secret","kv_version":"2")";

struct WithAppRole : fake::Vault {
  WithAppRole() {
    good_token = "t1";
    answers["POST auth/approle/login"] = {fake::logged_in("t1")};
    answers["GET secret/data/x"] = {fake::kv2(R"({"p":"v"})")};
  }
  void pass(int seconds) { host.now_ms += seconds * 1000; }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(one_login_serves_many_calls, WithAppRole) {
  auto i = open(kMounted, fake::kAppRole);
  BOOST_TEST(host.requests.empty());  // opening asks nothing
  const auto e = i.fetch({{"x", ""}, {"x", ""}});
  BOOST_TEST(e.field(1, "p") == "v");
  BOOST_TEST(e.identity == "approle dso");
  i.fetch("x");
  BOOST_TEST(count("POST auth/approle/login") == 1);
  BOOST_TEST(host.requests[0].body == R"({"role_id":"r","secret_id":"s"})");
  BOOST_TEST(!host.requests[0].headers.contains("X-Vault-Token"));
  BOOST_TEST(host.requests[1].headers.at("X-Vault-Token") == "t1");
  BOOST_TEST(host.requests[1].headers.at("X-Vault-Request") == "true");
}

BOOST_FIXTURE_TEST_CASE(renewed_after_two_thirds_and_not_before, WithAppRole) {
  answers["POST auth/token/renew-self"] = {fake::logged_in("t1")};
  auto i = open(kMounted, fake::kAppRole);
  for (int round = 1; round <= 2; ++round) {
    for (int n = 0; n < 4; ++n) i.fetch("x"), pass(10);
    i.fetch("x");
    BOOST_TEST(count("POST auth/token/renew-self") == round - 1);
    pass(4);
    BOOST_TEST(i.fetch("x").cls(0) == DSO_OK);
    BOOST_TEST(count("POST auth/token/renew-self") == round);
  }
  BOOST_TEST(count("POST auth/approle/login") == 1);
}

BOOST_FIXTURE_TEST_CASE(renewed_earlier_where_the_next_question_may_come_too_late, WithAppRole) {
  answers["POST auth/token/renew-self"] = {fake::logged_in("t1")};
  auto i = open(kMounted, fake::kAppRole);
  i.fetch("x");
  pass(30);
  i.fetch("x");
  BOOST_TEST(count("POST auth/token/renew-self") == 1);
}

BOOST_FIXTURE_TEST_CASE(near_its_maximal_life_a_login_takes_over, WithAppRole) {
  answers["POST auth/token/renew-self"] = {fake::logged_in("t1", 5)};
  auto i = open(kMounted, fake::kAppRole);
  i.fetch("x");
  pass(45);
  BOOST_TEST(i.fetch("x").cls(0) == DSO_OK);
  BOOST_TEST(count("POST auth/approle/login") == 2);
}

BOOST_FIXTURE_TEST_CASE(a_token_that_cannot_be_renewed_is_replaced_before_it_ends, WithAppRole) {
  answers["POST auth/approle/login"] = {fake::logged_in("t1", 60, false)};
  auto i = open(kMounted, fake::kAppRole);
  i.fetch("x");
  pass(45);
  i.fetch("x");
  BOOST_TEST(count("POST auth/token/renew-self") == 0);
  BOOST_TEST(count("POST auth/approle/login") == 2);
}

BOOST_FIXTURE_TEST_CASE(a_renewal_that_fails_leaves_the_present_token_in_use, WithAppRole) {
  answers["POST auth/approle/login"] = {fake::logged_in("t1"), {.status = 503, .body = ""}};
  answers["POST auth/token/renew-self"] = {{.status = 503, .body = ""}};
  auto i = open(kMounted, fake::kAppRole);
  i.fetch("x");
  pass(45);
  BOOST_TEST(i.fetch("x").field(0, "p") == "v");
  BOOST_TEST(host.log.size() == 1u);
  pass(5);
  i.fetch("x");
  BOOST_TEST(count("POST auth/approle/login") == 2);  // not at each call
  pass(30);                                           // now it is over
  BOOST_TEST(i.fetch("x").cls(0) == DSO_E_UNAVAILABLE);
}

BOOST_FIXTURE_TEST_CASE(a_given_token_is_renewed_as_long_as_that_goes, WithAppRole) {
  const auto life = [](int ttl, bool renewable) {
    return fake::Response{
        200, R"({"data":{"id":"t1","ttl":)" + std::to_string(ttl) + R"(,"renewable":)" + (renewable ? "true" : "false") + "}}"};
  };
  answers["GET auth/token/lookup-self"] = {life(60, true)};
  answers["POST auth/token/renew-self"] = {fake::logged_in("t1", 60), fake::logged_in("t1", 20)};
  auto i = open(kMounted + R"(,"token":"t1")");
  i.fetch("x");
  BOOST_TEST(host.requests.size() == 1u);  // who asks once needs not know how long it lives
  for (int n = 0; n < 5; ++n) i.fetch("x"), pass(10);
  BOOST_TEST(count("GET auth/token/lookup-self") == 1);
  BOOST_TEST(count("POST auth/token/renew-self") == 0);
  i.fetch("x");
  BOOST_TEST(count("POST auth/token/renew-self") == 1);
  BOOST_TEST(host.log.empty());
  for (int n = 0; n < 10; ++n) i.fetch("x"), pass(10);  // its maximal life comes: said once, and used on
  BOOST_TEST(host.log.size() == 1u);
  BOOST_TEST(host.log.at(0).find("ends soon") != std::string::npos);
  BOOST_TEST(i.fetch("x").field(0, "p") == "v");
}

BOOST_FIXTURE_TEST_CASE(a_files_next_token_is_taken_before_the_present_one_ends, WithAppRole) {
  answers["GET auth/token/lookup-self"] = {{200, R"({"data":{"ttl":60,"renewable":false}})"},
                                           {200, R"({"data":{"ttl":600,"renewable":false}})"}};
  host.files["/t"] = "t1";
  auto i = open(kMounted + R"(,"token_file":"/t")");
  for (int n = 0; n < 5; ++n) i.fetch("x"), pass(10);
  pass(3);  // two thirds of what the first look at it told
  host.files["/t"] = good_token = "t2";
  BOOST_TEST(i.fetch("x").field(0, "p") == "v");
  BOOST_TEST(count("GET secret/data/x") == 6);  // the old one was not even tried
  BOOST_TEST(host.requests.back().headers.at("X-Vault-Token") == "t2");
  BOOST_TEST(count("GET auth/token/lookup-self") == 2);
  host.files.erase("/t");
  for (int n = 0; n < 10; ++n) i.fetch("x"), pass(100);  // gone: the present one is used on
  BOOST_TEST(i.fetch("x").field(0, "p") == "v");
}

BOOST_FIXTURE_TEST_CASE(a_root_token_is_never_renewed, WithAppRole) {
  answers["GET auth/token/lookup-self"] = {{200, R"({"data":{"ttl":0,"renewable":false}})"}};
  auto i = open(kMounted + R"(,"token":"t1")");
  for (int n = 0; n < 10; ++n) i.fetch("x"), pass(100'000);
  BOOST_TEST(count("GET auth/token/lookup-self") == 1);
  BOOST_TEST(host.requests.size() == 11u);
  BOOST_TEST(host.log.empty());
}

BOOST_FIXTURE_TEST_CASE(an_expired_token_is_not_even_tried, WithAppRole) {
  auto i = open(kMounted, fake::kAppRole);
  i.fetch("x");
  pass(61);
  answers["POST auth/approle/login"] = {fake::logged_in("t2")};
  good_token = "t2";
  BOOST_TEST(i.fetch("x").cls(0) == DSO_OK);
  BOOST_TEST(count("GET auth/token/lookup-self") == 0);
}

BOOST_FIXTURE_TEST_CASE(a_revoked_token_means_one_new_login, WithAppRole) {
  auto i = open(kMounted, fake::kAppRole);
  i.fetch("x");
  good_token = "t2";
  answers["POST auth/approle/login"] = {fake::logged_in("t2")};
  const auto e = i.fetch({{"x", ""}, {"x", ""}});
  BOOST_TEST(e.field(0, "p") == "v");
  BOOST_TEST(e.field(1, "p") == "v");
  BOOST_TEST(count("POST auth/approle/login") == 2);
}

BOOST_FIXTURE_TEST_CASE(newer_vaults_say_invalid_token_and_spare_the_lookup, WithAppRole) {
  auto i = open(kMounted, fake::kAppRole);
  i.fetch("x");
  good_token = "t2";
  answers["bad token"] = {{403, R"({"errors":["2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n"]})"}};
  answers["POST auth/approle/login"] = {fake::logged_in("t2")};
  BOOST_TEST(i.fetch("x").cls(0) == DSO_OK);
  BOOST_TEST(count("GET auth/token/lookup-self") == 0);
}

BOOST_FIXTURE_TEST_CASE(a_refused_login_is_tried_once_in_a_call, WithAppRole) {
  answers["POST auth/approle/login"] = {{400, R"({"errors":["invalid secret id"]})"}};
  auto i = open(kMounted, fake::kAppRole);
  const auto e = i.fetch({{"x", ""}, {"y", ""}, {"z", ""}});
  for (int n = 0; n < 3; ++n) BOOST_TEST(e.cls(n) == DSO_E_INVALID_CREDENTIALS);
  BOOST_TEST(e.error(2).next_step.find("secret_id_file") != std::string::npos);
  BOOST_TEST(host.requests.size() == 1u);
  i.fetch("x");
  BOOST_TEST(host.requests.size() == 2u);
}

BOOST_FIXTURE_TEST_CASE(a_policy_that_denies_is_not_a_bad_token, WithAppRole) {
  answers["GET secret/data/x"] = {fake::kDenied};
  auto i = open(kMounted, fake::kAppRole);
  const auto e = i.fetch({{"x", ""}, {"x", ""}});
  BOOST_TEST(e.cls(0) == DSO_E_ACCESS_DENIED);
  BOOST_TEST(e.error(0).next_step == "Add to its policy: path \"secret/data/x\" { capabilities = [\"read\"] }.");
  BOOST_TEST(e.error(0).identity == "approle dso");
  BOOST_TEST(count("POST auth/approle/login") == 1);
  i.fetch({{"x", ""}, {"x", ""}});
  BOOST_TEST(count("GET auth/token/lookup-self") == 1);  // once a call, and not after a login
}

BOOST_FIXTURE_TEST_CASE(when_the_lookup_itself_fails_nothing_is_concluded, WithAppRole) {
  auto i = open(kMounted, fake::kAppRole);
  i.fetch("x");
  answers["GET secret/data/x"] = {fake::kDenied};
  answers["GET auth/token/lookup-self"] = {{503, R"({"errors":["Vault is sealed"]})"}};
  BOOST_TEST(i.fetch("x").cls(0) == DSO_E_UNAVAILABLE);
}

BOOST_FIXTURE_TEST_CASE(ids_from_files_are_read_at_each_login, WithAppRole) {
  auto i = open(kMounted, R"({"method":"approle","params":{"role_id_file":"/r","secret_id_file":"/s"}})");
  BOOST_TEST(i.fetch("x").cls(0) == DSO_E_CREDENTIALS_UNAVAILABLE);
  host.files = {{"/r", "role\n"}, {"/s", " one \r\n"}};
  BOOST_TEST(i.fetch("x").cls(0) == DSO_OK);
  BOOST_TEST(host.requests[0].body == R"({"role_id":"role","secret_id":"one"})");
  host.files["/s"] = "two\n";
  pass(61);
  i.fetch("x");
  BOOST_TEST(host.requests[2].body == R"({"role_id":"role","secret_id":"two"})");
  host.files["/s"] = "two lines\nof it";
  pass(61);
  BOOST_TEST(i.fetch("x").cls(0) == DSO_E_CREDENTIALS_UNAVAILABLE);
}

BOOST_FIXTURE_TEST_CASE(a_role_without_secret_id, WithAppRole) {
  auto i = open(kMounted, R"({"method":"approle","params":{"role_id":"r"}})");
  BOOST_TEST(i.fetch("x").cls(0) == DSO_OK);
  BOOST_TEST(host.requests[0].body == R"({"role_id":"r"})");
}

BOOST_FIXTURE_TEST_CASE(a_login_that_gives_no_token, WithAppRole) {
  answers["POST auth/approle/login"] = {{200, R"({"auth":{"client_token":"","mfa_requirement":{}}})"}};
  BOOST_TEST(open(kMounted, fake::kAppRole).fetch("x").cls(0) == DSO_E_INVALID_CREDENTIALS);
  answers["POST auth/approle/login"] = {{200, R"({"auth":null})"}};
  BOOST_TEST(open(kMounted, fake::kAppRole).fetch("x").cls(0) == DSO_E_MALFORMED);
  answers["POST auth/approle/login"] = {{200, "<html>sign in</html>"}};
  BOOST_TEST(open(kMounted, fake::kAppRole).fetch("x").cls(0) == DSO_E_MALFORMED);
}

BOOST_FIXTURE_TEST_CASE(a_refused_plain_token_says_what_to_do, WithAppRole) {
  auto i = open(kMounted + R"(,"token":"old")");
  const auto e = i.fetch({{"x", ""}, {"x", ""}});
  BOOST_TEST(e.cls(0) == DSO_E_INVALID_CREDENTIALS);
  BOOST_TEST(e.cls(1) == DSO_E_INVALID_CREDENTIALS);
  BOOST_TEST(e.error(0).next_step.find("approle") != std::string::npos);
  BOOST_TEST(e.error(0).identity == "token from the config");
  BOOST_TEST(host.requests.size() == 2u);  // the read and one lookup-self, for both references
}

BOOST_FIXTURE_TEST_CASE(a_refused_token_file_is_read_again, WithAppRole) {
  host.files["/t"] = "old\n";
  auto i = open(kMounted + R"(,"token_file":"/t")");
  BOOST_TEST(i.fetch("x").cls(0) == DSO_E_INVALID_CREDENTIALS);
  host.files["/t"] = "t1\n";
  const auto e = i.fetch("x");
  BOOST_TEST(e.cls(0) == DSO_OK);
  BOOST_TEST(e.identity == "token from /t");
  good_token = "t9";  // expired
  BOOST_TEST(i.fetch("x").error(0).next_step.find("/t") != std::string::npos);
  host.files["/t"] = "t9";
  BOOST_TEST(i.fetch("x").cls(0) == DSO_OK);
  good_token = "t10";
  host.files["/t"] = "also-bad";
  BOOST_TEST(i.fetch("x").cls(0) == DSO_E_INVALID_CREDENTIALS);
}

BOOST_FIXTURE_TEST_CASE(no_token_anywhere, WithAppRole) {
  auto i = open(kMounted);
  BOOST_TEST(i.opened.result == DSO_OK);
  const auto e = i.fetch("x");
  BOOST_TEST(e.cls(0) == DSO_E_CREDENTIALS_UNAVAILABLE);
  BOOST_TEST(e.error(0).next_step.find("VAULT_TOKEN") != std::string::npos);
  BOOST_TEST(open(kMounted + R"(,"token_file":"/none")").fetch("x").cls(0) == DSO_E_CREDENTIALS_UNAVAILABLE);
  BOOST_TEST(open(kMounted + R"(,"token":"two\nlines")").fetch("x").cls(0) == DSO_E_CREDENTIALS_UNAVAILABLE);
  BOOST_TEST(host.requests.empty());
}

BOOST_FIXTURE_TEST_CASE(a_wrapped_secret_id_is_checked_unwrapped_once_and_kept, WithAppRole) {
  const std::string params =
      R"({"params":{"role_id":"r","secret_id_file":"/w","secret_id_response_wrapping_path":"auth/approle/role/dso/secret-id"}})";
  host.files["/w"] = "wrap1";
  answers["POST sys/wrapping/lookup"] = {{200, R"({"data":{"creation_path":"auth/approle/role/dso/secret-id"}})"}};
  answers["POST sys/wrapping/unwrap"] = {{200, R"({"data":{"secret_id":"inner"}})"}};
  good_token = "wrap1";
  auto i = open(kMounted, params);
  i.fetch("x");
  BOOST_TEST_REQUIRE(host.requests.size() >= 3u);
  BOOST_TEST(host.requests[0].body == R"({"token":"wrap1"})");
  BOOST_TEST(host.requests[1].headers.at("X-Vault-Token") == "wrap1");
  BOOST_TEST(host.requests[2].body == R"({"role_id":"r","secret_id":"inner"})");
  pass(61);
  i.fetch("x");
  BOOST_TEST(count("POST sys/wrapping/unwrap") == 1);

  // the unwrapped one was revoked: say so, and take a newly delivered one
  answers["POST auth/approle/login"] = {{400, R"({"errors":["invalid secret id"]})"}};
  pass(61);
  BOOST_TEST(i.fetch("x").cls(0) == DSO_E_INVALID_CREDENTIALS);
  BOOST_TEST(i.fetch("x").error(0).next_step.find("newly wrapped") != std::string::npos);
  BOOST_TEST(count("POST sys/wrapping/unwrap") == 1);
  host.files["/w"] = good_token = "wrap2";
  i.fetch("x");
  BOOST_TEST(count("POST sys/wrapping/unwrap") == 2);
}

BOOST_FIXTURE_TEST_CASE(a_wrapping_token_made_elsewhere_is_not_used, WithAppRole) {
  const std::string params =
      R"({"params":{"role_id":"r","secret_id":"wrap1","secret_id_response_wrapping_path":"auth/approle/role/dso/secret-id"}})";
  answers["POST sys/wrapping/lookup"] = {{200, R"({"data":{"creation_path":"sys/wrapping/wrap"}})"}};
  const auto e = open(kMounted, params).fetch("x");
  BOOST_TEST(e.cls(0) == DSO_E_INVALID_CREDENTIALS);
  BOOST_TEST(e.error(0).message.find("sys/wrapping/wrap") != std::string::npos);
  BOOST_TEST(count("POST sys/wrapping/unwrap") == 0);
  answers["POST sys/wrapping/lookup"] = {{400, R"({"errors":["wrapping token is not valid or does not exist"]})"}};
  host.log.clear();
  auto i = open(kMounted, params);
  BOOST_TEST(i.fetch("x").error(0).message.find("somebody else") != std::string::npos);
  BOOST_TEST_REQUIRE(host.log.size() == 1u);  // loud, and once
  BOOST_TEST(host.log[0].starts_with("SECURITY: "));
  i.fetch("x");
  BOOST_TEST(host.log.size() == 1u);
  answers["POST sys/wrapping/lookup"] = {{503, R"({"errors":["Vault is sealed"]})"}};
  BOOST_TEST(open(kMounted, params).fetch("x").cls(0) == DSO_E_UNAVAILABLE);
  BOOST_TEST(host.log.size() == 1u);  // no theft
}

BOOST_FIXTURE_TEST_CASE(a_login_is_given_back_at_the_end_unless_the_config_says_otherwise, WithAppRole) {
  answers["POST auth/token/revoke-self"] = {{204, ""}};
  for (const auto& [setting, times] : {std::pair{"never", 0}, {"unused", 1}, {"always", 2}}) {
    {
      auto i =
          open(kMounted, R"({"method":"approle","params":{"role_id":"r","revoke_on_close":")" + std::string(setting) + "\"}}");
      i.fetch("x");
    }
    BOOST_TEST(count("POST auth/token/revoke-self") == times, setting);
  }
  { open(kMounted, R"({"method":"approle","params":{"role_id":"r","revoke_on_close":"always"}})"); }
  BOOST_TEST(count("POST auth/token/revoke-self") == 2);  // without a login there is nothing
  host.on_http = [](const fake::Request&) { return fake::Response{.failure = DSO_E_NETWORK}; };
  {
    open(kMounted, R"({"method":"approle","params":{"role_id":"r","revoke_on_close":"always"}})").fetch("x");
  }  // and nothing bad comes of it
}

BOOST_FIXTURE_TEST_CASE(events_are_listened_to_with_the_present_token, WithAppRole) {
  const auto e = open(kMounted + R"(,"namespace":"team")", fake::kAppRole).events();
  BOOST_TEST(e.event_url == "wss://vault:8200/v1/sys/events/subscribe/kv*?json=true");
  BOOST_TEST(e.event_headers.at("X-Vault-Token") == "t1");
  BOOST_TEST(e.event_headers.at("X-Vault-Namespace") == "team");
  answers["POST auth/approle/login"] = {{503, R"({"errors":["Vault is sealed"]})"}};
  BOOST_TEST(open(kMounted, fake::kAppRole).events().result == DSO_E_UNAVAILABLE);
}

BOOST_AUTO_TEST_SUITE_END()
