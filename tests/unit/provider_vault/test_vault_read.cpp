// Plain reads of any engine: leases that are kept, renewed, lost and read anew; static roles; what a token's end means.
#include "vault_read.h"

#include <boost/test/unit_test.hpp>

#include "provider_vault/fake_vault.h"

BOOST_AUTO_TEST_SUITE(vault_read)

namespace {

const std::string kName = "database/creds/app";

struct WithDatabase : fake::Vault {
  int users = 0;
  WithDatabase() {
    answers["GET sys/internal/ui/mounts/" + kName] = {{200, R"({"data":{"path":"database/","type":"database","options":null}})"}};
    answers["PUT sys/leases/renew"] = {renewed(3600)};
    const auto otherwise = host.on_http;
    host.on_http = [this, otherwise](const fake::Request& r) {
      if (r.method == "GET" && r.url.ends_with("/v1/" + kName) && r.headers.at("X-Vault-Token") == good_token &&
          !answers.contains("GET " + kName))
        return lease(++users);
      return otherwise(r);
    };
  }
  static fake::Response lease(int n, int seconds = 3600) {
    return {200, R"({"lease_id":"database/creds/app/id)" + std::to_string(n) + R"(","lease_duration":)" +
                     std::to_string(seconds) + R"(,"renewable":true,"data":{"username":"u)" + std::to_string(n) +
                     R"(","password":"p"}})"};
  }
  static fake::Response renewed(int seconds) {
    return {200, R"({"lease_id":"database/creds/app/id1","lease_duration":)" + std::to_string(seconds) + R"(,"renewable":true})"};
  }
  int renewals() const { return count("PUT sys/leases/renew"); }
  void pass(int seconds) { host.now_ms += seconds * 1000; }
  /// Looks every two minutes, as the agent polls.
  std::string polled(fake::Instance& i, int seconds) {
    std::string version;
    for (int n = 0; n < seconds / 120; ++n) {
      pass(120);
      version = i.versions(kName).versions.at(0);
    }
    return version;
  }
};

const std::string kAppRole = R"({"method":"approle","params":{"role_id":"r"}})";

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_poll_makes_no_new_user, WithDatabase) {
  auto i = open(fake::kToken);
  const auto first = i.fetch(kName);
  BOOST_TEST(first.field(0, "username") == "u1");
  BOOST_TEST(first.versions.at(0) == "lease-id1");
  BOOST_TEST(first.leases.at(0).id == "database/creds/app/id1");
  BOOST_TEST(first.leases.at(0).seconds == 3600);
  BOOST_TEST(polled(i, 1200) == "lease-id1");
  const auto again = i.fetch(kName);
  BOOST_TEST(again.field(0, "username") == "u1");
  BOOST_TEST(again.versions.at(0) == "lease-id1");
  BOOST_TEST(again.leases.at(0).seconds == 2400);
  BOOST_TEST(users == 1);
  BOOST_TEST(renewals() == 0);
}

BOOST_FIXTURE_TEST_CASE(the_first_question_may_be_for_the_version, WithDatabase) {
  auto i = open(fake::kToken);
  const auto v = i.versions(kName);
  BOOST_TEST(v.versions.at(0) == "lease-id1");
  BOOST_TEST(v.fields.empty());
  BOOST_TEST(i.fetch(kName).field(0, "username") == "u1");
  BOOST_TEST(users == 1);
}

BOOST_FIXTURE_TEST_CASE(renewed_after_two_thirds_for_as_long_as_it_goes, WithDatabase) {
  auto i = open(fake::kToken);
  i.fetch(kName);
  BOOST_TEST(polled(i, 2400) == "lease-id1");
  BOOST_TEST(renewals() == 0);
  BOOST_TEST(polled(i, 240) == "lease-id1");
  BOOST_TEST(renewals() == 1);
  BOOST_TEST(host.requests.back().body == R"({"lease_id":"database/creds/app/id1"})");
  BOOST_TEST(polled(i, 24000) == "lease-id1");
  BOOST_TEST(users == 1);
  answers["PUT sys/leases/renew"] = {renewed(600)};  // its maximal life comes near
  BOOST_TEST(polled(i, 2520) == "lease-id2");
  BOOST_TEST(users == 2);
  BOOST_TEST(i.fetch(kName).field(0, "username") == "u2");
}

BOOST_FIXTURE_TEST_CASE(a_short_lease_is_renewed_in_time_for_the_polls, WithDatabase) {
  answers["GET " + kName] = {lease(1, 200)};
  answers["PUT sys/leases/renew"] = {renewed(200)};
  auto i = open(fake::kToken);
  i.fetch(kName);
  i.fetch(kName);
  BOOST_TEST(polled(i, 3600) == "lease-id1");
  BOOST_TEST(count("GET " + kName) == 1);
}

BOOST_FIXTURE_TEST_CASE(a_lost_lease_is_read_anew, WithDatabase) {
  auto i = open(fake::kToken);
  i.fetch(kName);
  answers["PUT sys/leases/renew"] = {{400, R"({"errors":["lease not found"]})"}};
  BOOST_TEST(polled(i, 2640) == "lease-id2");
  const auto e = i.fetch(kName);
  BOOST_TEST(e.field(0, "username") == "u2");
  BOOST_TEST(e.leases.at(0).id == "database/creds/app/id2");
  BOOST_TEST(users == 2);
}

BOOST_FIXTURE_TEST_CASE(a_lease_that_somebody_revoked_is_found_out_by_the_next_poll, WithDatabase) {
  answers["PUT sys/leases/lookup"] = {{200, R"({"data":{"ttl":3000}})"}};
  auto i = open(fake::kToken);
  i.fetch(kName);
  BOOST_TEST(polled(i, 240) == "lease-id1");
  BOOST_TEST(count("PUT sys/leases/lookup") == 2);
  answers["PUT sys/leases/lookup"] = {{400, R"({"errors":["invalid lease"]})"}};
  BOOST_TEST(polled(i, 120) == "lease-id2");
  answers["PUT sys/leases/lookup"] = {fake::kDenied};  // asked once, then the lease is believed
  BOOST_TEST(polled(i, 1200) == "lease-id2");
  BOOST_TEST(count("PUT sys/leases/lookup") == 4);
  BOOST_TEST(users == 2);
}

BOOST_FIXTURE_TEST_CASE(the_same_value_under_a_new_lease_is_no_new_version, WithDatabase) {
  const auto leased = [](int n) {
    return fake::Response{
        200, R"({"lease_id":"kv/x/)" + std::string(n, 'a') + R"(","lease_duration":600,"renewable":false,"data":{"p":"v"}})"};
  };
  answers["GET kv/x"] = {leased(1), leased(2)};
  auto i = open(R"("mount":"kv","kv_version":"1",)" + fake::kToken);
  BOOST_TEST(i.fetch("x").versions.at(0) == "lease-a");
  pass(590);
  const auto e = i.fetch("x");
  BOOST_TEST(e.versions.at(0) == "lease-a");
  BOOST_TEST(e.leases.at(0).id == "kv/x/aa");
  BOOST_TEST(count("GET kv/x") == 2);
}

BOOST_FIXTURE_TEST_CASE(a_store_that_is_down_does_not_take_what_still_holds, WithDatabase) {
  auto i = open(fake::kToken);
  i.fetch(kName);
  answers["PUT sys/leases/renew"] = {{503, R"({"errors":["Vault is sealed"]})"}};
  answers["GET " + kName] = {{503, R"({"errors":["Vault is sealed"]})"}};
  for (int n = 0; n < 29; ++n) {
    pass(120);
    BOOST_TEST(i.fetch(kName).field(0, "username") == "u1");
  }
  BOOST_TEST(!host.log.empty());
  BOOST_TEST(host.log.size() < 12u);
  pass(130);  // now it is over, and nothing is pretended
  BOOST_TEST(i.fetch(kName).cls(0) == DSO_E_UNAVAILABLE);
  BOOST_TEST(i.fetch(kName).fields.empty());
  answers.erase("GET " + kName);
  BOOST_TEST(i.fetch(kName).field(0, "username") == "u2");
}

BOOST_FIXTURE_TEST_CASE(a_lease_dies_with_the_token_that_made_it, WithDatabase) {
  good_token = "t1";
  answers["POST auth/approle/login"] = {fake::logged_in("t1", 1800), fake::logged_in("t1", 1800)};
  answers["POST auth/token/renew-self"] = {fake::logged_in("t1", 1800), fake::logged_in("t1", 300)};
  answers["PUT sys/leases/lookup"] = {fake::kDenied};
  auto i = open("", kAppRole);
  i.fetch(kName);
  BOOST_TEST(polled(i, 1320) == "lease-id1");  // the token is kept alive although nothing else is asked
  BOOST_TEST(count("POST auth/token/renew-self") == 1);
  BOOST_TEST(polled(i, 1320) == "lease-id1");  // its maximal life has come, a login took over, and it holds 300 s more
  BOOST_TEST(polled(i, 240) == "lease-id2");   // read anew before it ends
  BOOST_TEST(count("POST auth/approle/login") == 2);
  BOOST_TEST(users == 2);
}

BOOST_FIXTURE_TEST_CASE(a_lease_whose_token_ended_while_nobody_looked_is_not_believed, WithDatabase) {
  good_token = "t1";
  answers["POST auth/approle/login"] = {fake::logged_in("t1", 600)};
  auto i = open("", kAppRole);
  i.fetch(kName);
  pass(900);  // asleep
  BOOST_TEST(i.fetch(kName).field(0, "username") == "u2");
}

BOOST_FIXTURE_TEST_CASE(a_revoked_token_takes_its_leases_along, WithDatabase) {
  good_token = "t1";
  answers["POST auth/approle/login"] = {fake::logged_in("t1", 3600)};
  answers["GET secret/data/other"] = {fake::kv2(R"({"p":"v"})")};
  answers["GET sys/internal/ui/mounts/secret/other"] = {
      {200, R"({"data":{"path":"secret/","type":"kv","options":{"version":"2"}}})"}};
  auto i = open("", kAppRole);
  i.fetch(kName);
  good_token = "t2";
  answers["POST auth/approle/login"] = {fake::logged_in("t2", 3600)};
  BOOST_TEST(i.fetch(kName).field(0, "username") == "u1");   // nobody was asked
  BOOST_TEST(i.fetch("secret/other").field(0, "p") == "v");  // here it comes out
  BOOST_TEST(i.fetch(kName).field(0, "username") == "u2");
}

BOOST_FIXTURE_TEST_CASE(a_static_role_has_the_date_of_its_rotation_as_version, WithDatabase) {
  const auto creds = [](const std::string& date, int ttl) {
    return fake::Response{
        200, R"({"lease_id":"","renewable":false,"data":{"username":"u","password":"p","rotation_period":86400,"ttl":)" +
                 std::to_string(ttl) + R"(,"last_vault_rotation":")" + date + "\"}}"};
  };
  const std::string name = "database/static-creds/app";
  answers["GET sys/internal/ui/mounts/" + name] = answers["GET sys/internal/ui/mounts/" + kName];
  answers["GET " + name] = {creds("2026-01-01T00:00:00Z", 500), creds("2026-01-01T00:00:00Z", 400),
                            creds("2026-01-02T00:00:00Z", 500)};
  auto i = open(fake::kToken);
  const auto e = i.fetch(name);
  BOOST_TEST(e.versions.at(0) == "rotated@2026-01-01T00:00:00Z");
  BOOST_TEST(e.field(0, "password") == "p");
  BOOST_TEST(e.field(0, "ttl") == "(no such field)");  // a countdown would look like a change at every poll
  BOOST_TEST(e.leases.empty());
  BOOST_TEST(i.versions(name).versions.at(0) == "rotated@2026-01-01T00:00:00Z");
  BOOST_TEST(i.versions(name).versions.at(0) == "rotated@2026-01-02T00:00:00Z");
}

BOOST_FIXTURE_TEST_CASE(without_lease_and_date_the_host_compares, WithDatabase) {
  answers["GET sys/internal/ui/mounts/nomad/creds/x"] = {{200, R"({"data":{"path":"nomad/","type":"nomad"}})"}};
  answers["GET nomad/creds/x"] = {{200, R"({"lease_id":"","data":{"ttl":"5","n":1.50}})"}};
  auto i = open(fake::kToken);
  BOOST_TEST(i.versions("nomad/creds/x").cls(0) == DSO_E_UNSUPPORTED);
  BOOST_TEST(i.versions("nomad/creds/x").cls(0) == DSO_E_UNSUPPORTED);
  BOOST_TEST(count("GET nomad/creds/x") == 1);  // once is enough to know
  const auto e = i.fetch("nomad/creds/x");
  BOOST_TEST(e.field(0, "ttl") == "5");
  BOOST_TEST(e.field(0, "n") == "1.50");
  BOOST_TEST(i.fetch({{"nomad/creds/x", "1"}}).cls(0) == DSO_E_UNSUPPORTED);
}

BOOST_FIXTURE_TEST_CASE(an_engine_that_denies_or_answers_no_read, WithDatabase) {
  auto i = open(fake::kToken);
  answers["GET " + kName] = {fake::kDenied};
  BOOST_TEST(i.fetch(kName).error(0).next_step ==
             "Add to its policy: path \"database/creds/app\" { capabilities = [\"read\"] }.");
  answers["GET " + kName] = {{405, R"({"errors":["1 error occurred:\n\t* unsupported operation\n\n"]})"}};
  const auto e = i.fetch(kName);
  BOOST_TEST(e.cls(0) == DSO_E_INVALID_REQUEST);
  BOOST_TEST(e.error(0).message.find("answers no read") != std::string::npos);
  for (const char* body : {"<html>hunter2</html>", "{\"data\":{\"p\":\"hunter2", "[]", "{}", R"({"data":null})",
                           R"({"lease_id":"x","data":{"p":"hunter2","p":"x"}})"}) {
    answers["GET " + kName] = {{200, body}};
    const auto bad = i.fetch(kName);
    BOOST_TEST(bad.cls(0) == DSO_E_MALFORMED, body);
    BOOST_TEST(bad.fields.empty());
  }
}

BOOST_FIXTURE_TEST_CASE(a_forced_renewal_and_one_of_an_earlier_run, WithDatabase) {
  auto i = open(fake::kToken);
  i.fetch(kName);
  pass(1000);
  BOOST_TEST(i.renew("database/creds/app/id1").leases.at(0).seconds == 3600);
  BOOST_TEST(i.fetch(kName).leases.at(0).seconds == 3600);
  BOOST_TEST(i.renew("database/creds/app/of-before").leases.at(0).id == "database/creds/app/of-before");
}

BOOST_FIXTURE_TEST_CASE(what_no_container_uses_is_given_back_at_the_end, WithDatabase) {
  good_token = "t1";
  answers["POST auth/approle/login"] = {fake::logged_in("t1", 3600)};
  answers["POST auth/token/revoke-self"] = {{204, ""}};
  answers["PUT sys/leases/revoke"] = {{204, ""}};
  const auto open_and_end = [this](const std::string& setting) {
    const std::string more = setting.empty() ? "" : R"(,"revoke_on_close":")" + setting + "\"";
    open("", R"({"method":"approle","params":{"role_id":"r")" + more + "}}").fetch(kName);
  };
  // the token takes its leases along: one request
  for (const auto& [setting, revoked] : {std::pair{"never", 0}, {"unused", 1}, {"", 2}, {"always", 3}}) {
    open_and_end(setting);
    BOOST_TEST(count("POST auth/token/revoke-self") == revoked, setting);
  }
  for (int id = 1; id < 20; ++id) host.leases_in_use.insert("database/creds/app/id" + std::to_string(id));
  for (const auto& [setting, revoked] : {std::pair{"never", 3}, {"unused", 3}, {"", 3}, {"always", 4}}) {
    open_and_end(setting);
    BOOST_TEST(count("POST auth/token/revoke-self") == revoked, "in use: " << setting);
  }
  BOOST_TEST(count("PUT sys/leases/revoke") == 0);
}

BOOST_FIXTURE_TEST_CASE(a_lease_of_a_given_token_is_given_back_by_itself, WithDatabase) {
  answers["PUT sys/leases/revoke"] = {{204, ""}};
  { open(fake::kToken).fetch(kName); }
  BOOST_TEST(count("PUT sys/leases/revoke") == 1);
  BOOST_TEST(host.requests.back().body.find("database/creds/app/id1") != std::string::npos);
  { open(fake::kToken, R"({"params":{"revoke_on_close":"never"}})").fetch(kName); }
  BOOST_TEST(count("PUT sys/leases/revoke") == 1);
  BOOST_TEST(count("POST auth/token/revoke-self") == 0);
  answers["PUT sys/leases/revoke"] = {{403, R"({"errors":["permission denied"]})"}};
  host.log.clear();
  { open(fake::kToken).fetch(kName); }
  BOOST_REQUIRE(host.log.size() == 1u);
  BOOST_TEST(host.log[0].find("sys/leases/revoke") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
