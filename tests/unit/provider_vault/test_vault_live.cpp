// The provider against a real Vault. Takes VAULT_ADDR, VAULT_CACERT, VAULT_TOKEN (a root token) and the AppRole "dso" in
// APPROLE_ROLE_ID and APPROLE_SECRET_ID (token_ttl 60s, policy with read on secret/ and kv1/) from the environment; skipped
// where they are not set. Writes below a path of its own and removes it.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "provider_vault/fake_vault.h"
#include "provider_vault/live_http.h"
#include "vault_json.h"

namespace vault_live_needs {

inline std::string variable(const char* name) {
  const char* v = std::getenv(name);
  return v ? v : "";
}
inline boost::test_tools::assertion_result live(boost::unit_test::test_unit_id) {
  for (const char* name : {"VAULT_ADDR", "VAULT_CACERT", "VAULT_TOKEN", "APPROLE_ROLE_ID", "APPROLE_SECRET_ID"})
    if (variable(name).empty()) {
      boost::test_tools::assertion_result no(false);
      no.message() << name << " is not set";
      return no;
    }
  return true;
}

}  // namespace vault_live_needs

BOOST_AUTO_TEST_SUITE(vault_live, *boost::unit_test::precondition(vault_live_needs::live))

namespace {

using fake::Response;
using vault_live_needs::variable;

/// A path, a policy and a token of this test's own; the host's clock is the real one unless the test moves it.
struct Live {
  fake::Host host;
  std::string base = "dso-test-" + std::to_string(std::chrono::system_clock::now().time_since_epoch().count());
  std::vector<std::string> remove;

  Live() {
    host.on_http = fake::live_http;
    host.now_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  }
  ~Live() {
    for (const std::string& path : remove) root("DELETE", path);
  }
  Response root(const std::string& method, const std::string& path, const std::string& body = "", const std::string& wrap = "") {
    fake::Request r{method, variable("VAULT_ADDR") + "/v1/" + path, body, {{"X-Vault-Token", variable("VAULT_TOKEN")}}};
    if (!wrap.empty()) r.headers["X-Vault-Wrap-TTL"] = wrap;
    return fake::live_http(r);
  }
  void put2(const std::string& name, const std::string& data) {
    BOOST_TEST_REQUIRE(root("POST", "secret/data/" + base + name, R"({"data":)" + data + "}").status == 200);
    remove.push_back("secret/metadata/" + base + name);
  }
  std::string token(const std::string& request) {
    const Response r = root("POST", "auth/token/create", request);
    return string(r, "auth", "client_token");
  }
  static std::string string(const Response& r, std::string_view object, std::string_view key) {
    const auto d = vault::Document::parse(r.body);
    BOOST_REQUIRE_MESSAGE(d && vault::object_at(d->root(), object), "status " << r.status);
    return std::string(vault::string_at(*vault::object_at(d->root(), object), key));
  }
  fake::Instance open(const std::string& settings = "", const std::string& auth = "") {
    const std::string a = auth.empty() ? R"({"params":{"token":")" + variable("VAULT_TOKEN") + "\"}}" : auth;
    return fake::Instance(*dso_provider_get_api(DSO_ABI_VERSION), host,
                          R"({"settings":{"address":")" + variable("VAULT_ADDR") + "\"" +
                              (settings.empty() ? "" : "," + settings) + R"(},"auth":)" + a + "}");
  }
  fake::Instance with_token(const std::string& token) {
    return open("", R"({"method":"token","params":{"token":")" + token + "\"}}");
  }
  static std::string approle(const std::string& secret_id, const std::string& more = "") {
    return R"({"method":"approle","params":{"role_id":")" + variable("APPROLE_ROLE_ID") + R"(","secret_id":")" + secret_id +
           "\"" + more + "}}";
  }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(version_2_values_and_versions, Live) {
  put2("/db", R"({"password":"p<1>&\"é","port":5432,"rate":1.5,"deep":{"a":["x<y",1000]}})");
  auto i = open();
  const std::string name = "secret/" + base + "/db";
  const auto e = i.fetch(name);
  BOOST_TEST(e.field(0, "password") == "p<1>&\"é");
  BOOST_TEST(e.field(0, "port") == "5432");
  BOOST_TEST(e.field(0, "rate") == "1.5");
  BOOST_TEST(e.field(0, "deep") == R"({"a":["x<y",1000]})");
  BOOST_TEST(e.versions.at(0).starts_with("1@20"));
  BOOST_TEST(i.versions(name).versions.at(0) == e.versions.at(0));

  put2("/db", R"({"password":"p2"})");
  BOOST_TEST(i.versions(name).versions.at(0).starts_with("2@"));
  BOOST_TEST(i.fetch(name).field(0, "password") == "p2");
  BOOST_TEST(i.fetch({{name, "1"}}).field(0, "port") == "5432");
  BOOST_TEST(i.fetch({{name, e.versions.at(0)}}).field(0, "port") == "5432");
  BOOST_TEST(i.fetch({{name, "9"}}).cls(0) == DSO_E_VERSION_NOT_FOUND);

  // removed with its history and written anew: version 1 again, and yet another one
  root("DELETE", "secret/metadata/" + base + "/db");
  put2("/db", R"({"password":"p3"})");
  const auto anew = i.versions(name).versions.at(0);
  BOOST_TEST(anew.starts_with("1@"));
  BOOST_TEST(anew != e.versions.at(0));
}

BOOST_FIXTURE_TEST_CASE(version_1, Live) {
  BOOST_TEST_REQUIRE(root("POST", "kv1/" + base, R"({"user":"u","n":7})").status == 204);
  remove.push_back("kv1/" + base);
  auto i = open();
  const auto e = i.fetch("kv1/" + base);
  BOOST_TEST(e.field(0, "user") == "u");
  BOOST_TEST(e.field(0, "n") == "7");
  BOOST_TEST(i.versions("kv1/" + base).cls(0) == DSO_E_UNSUPPORTED);
  BOOST_TEST(i.fetch("kv1/none").cls(0) == DSO_E_NOT_FOUND);
  BOOST_TEST(open(R"("mount":"kv1")").fetch(base).field(0, "user") == "u");
}

BOOST_FIXTURE_TEST_CASE(deleted_destroyed_missing_no_mount, Live) {
  put2("/x", R"({"a":"b"})");
  auto i = open();
  const std::string name = "secret/" + base + "/x";
  root("DELETE", "secret/data/" + base + "/x");
  BOOST_TEST(i.fetch(name).cls(0) == DSO_E_DELETED);
  BOOST_TEST(i.versions(name).cls(0) == DSO_E_DELETED);
  root("POST", "secret/undelete/" + base + "/x", R"({"versions":[1]})");
  BOOST_TEST(i.fetch(name).cls(0) == DSO_OK);
  root("PUT", "secret/destroy/" + base + "/x", R"({"versions":[1]})");
  const auto e = i.fetch(name);
  BOOST_TEST(e.cls(0) == DSO_E_DELETED);
  BOOST_TEST(e.error(0).message.find("destroyed") != std::string::npos);
  BOOST_TEST(!e.error(0).request_id.empty());
  BOOST_TEST(i.fetch("secret/" + base + "/none").cls(0) == DSO_E_NOT_FOUND);
  BOOST_TEST(i.versions("secret/" + base + "/none").cls(0) == DSO_E_NOT_FOUND);
  BOOST_TEST(open(R"("mount":"nomount","kv_version":"2")").fetch("x").cls(0) == DSO_E_INVALID_REQUEST);
  BOOST_TEST(open(R"("mount":"secret","kv_version":"1")").fetch(base).cls(0) == DSO_E_INVALID_REQUEST);
  for (const char* own : {"cubbyhole/x", "sys/mounts", "identity/entity/id"})
    BOOST_TEST(i.fetch(own).cls(0) == DSO_E_INVALID_REQUEST, own);
  const auto auth = i.fetch("auth/token/lookup-self");  // not even by a root token
  BOOST_TEST(auth.cls(0) != DSO_OK);
  BOOST_TEST(auth.fields.empty());
}

BOOST_FIXTURE_TEST_CASE(names_with_odd_characters, Live) {
  put2("/a%20b%3Fc%23d", R"({"a":"odd"})");
  BOOST_TEST(open().fetch("secret/" + base + "/a b?c#d").field(0, "a") == "odd");
}

BOOST_FIXTURE_TEST_CASE(a_policy_that_lacks_the_path, Live) {
  put2("/x", R"({"a":"b"})");
  put2("/y", R"({"a":"c"})");
  const std::string policy = "path \\\"secret/data/" + base + "/y\\\" { capabilities=[\\\"read\\\"] }";
  BOOST_TEST_REQUIRE(root("PUT", "sys/policies/acl/" + base, R"({"policy":")" + policy + "\"}").status == 204);
  remove.push_back("sys/policies/acl/" + base);
  auto i = with_token(token(R"({"policies":[")" + base + R"("],"ttl":"1m"})"));
  const auto e = i.fetch({{"secret/" + base + "/x", ""}, {"secret/" + base + "/y", ""}});
  BOOST_TEST(e.cls(0) == DSO_E_ACCESS_DENIED);
  BOOST_TEST(e.error(0).next_step == "Add to its policy: path \"secret/data/" + base + "/x\" { capabilities = [\"read\"] }.");
  BOOST_TEST(e.field(1, "a") == "c");
  // no right to the metadata: the version comes from the data all the same
  BOOST_TEST(i.versions("secret/" + base + "/y").versions.at(0).starts_with("1@"));
}

BOOST_FIXTURE_TEST_CASE(an_expired_token, Live) {
  put2("/x", R"({"a":"b"})");
  const std::string short_lived = token(R"({"policies":["root"],"ttl":"1s"})");
  auto i = with_token(short_lived);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  const fake::Request lookup{"GET", variable("VAULT_ADDR") + "/v1/auth/token/lookup-self", "", {{"X-Vault-Token", short_lived}}};
  while (fake::live_http(lookup).status != 403) {
    BOOST_TEST_REQUIRE((std::chrono::steady_clock::now() < end));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // the pause of a poll with a deadline
  }
  const auto e = i.fetch("secret/" + base + "/x");
  BOOST_TEST(e.cls(0) == DSO_E_INVALID_CREDENTIALS);
  BOOST_TEST(e.error(0).next_step.find("valid token") != std::string::npos);
  BOOST_TEST(e.error(0).message.find(short_lived) == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(approle_logs_in_renews_and_survives_a_revoked_token, Live) {
  put2("/x", R"({"a":"b"})");
  const std::string name = "secret/" + base + "/x";
  auto i = open("", approle(variable("APPROLE_SECRET_ID")));
  auto e = i.fetch(name);
  BOOST_TEST(e.field(0, "a") == "b");
  BOOST_TEST(e.identity == "approle dso");
  const auto asked = [this](const std::string& path) {
    int n = 0;
    for (const auto& r : host.requests) n += r.url.ends_with(path);
    return n;
  };
  host.now_ms += 45'000;  // two thirds of the 60 seconds are over
  BOOST_TEST(i.fetch(name).cls(0) == DSO_OK);
  BOOST_TEST(asked("/auth/token/renew-self") == 1);
  BOOST_TEST(asked("/auth/approle/login") == 1);

  const std::string first = host.requests.back().headers.at("X-Vault-Token");
  BOOST_TEST_REQUIRE(root("POST", "auth/token/revoke", R"({"token":")" + first + "\"}").status == 204);
  BOOST_TEST(i.fetch(name).field(0, "a") == "b");
  BOOST_TEST(asked("/auth/approle/login") == 2);
  BOOST_TEST(host.requests.back().headers.at("X-Vault-Token") != first);

  host.now_ms += 61'000;
  BOOST_TEST(i.fetch(name).cls(0) == DSO_OK);
  BOOST_TEST(asked("/auth/approle/login") == 3);
}

BOOST_FIXTURE_TEST_CASE(a_wrong_secret_id_or_role_id, Live) {
  auto e = open("", approle("wrong")).fetch("secret/x");
  BOOST_TEST(e.cls(0) == DSO_E_INVALID_CREDENTIALS);
  BOOST_TEST(e.error(0).message.find("secret id") != std::string::npos);
  e = open("", R"({"method":"approle","params":{"role_id":"wrong","secret_id":"x"}})").fetch("secret/x");
  BOOST_TEST(e.cls(0) == DSO_E_INVALID_CREDENTIALS);
  BOOST_TEST(open("", approle("x", R"(,"mount":"nomount")")).fetch("secret/x").cls(0) == DSO_E_ACCESS_DENIED);
}

BOOST_FIXTURE_TEST_CASE(a_wrapped_secret_id, Live) {
  put2("/x", R"({"a":"b"})");
  const std::string made_at = "auth/approle/role/dso/secret-id";
  const std::string expected = R"(,"secret_id_response_wrapping_path":")" + made_at + "\"";
  const std::string wrapped = string(root("POST", made_at, "{}", "60s"), "wrap_info", "token");
  BOOST_TEST(open("", approle(wrapped, R"(,"secret_id_response_wrapping_path":"sys/other")")).fetch("secret/x").cls(0) ==
             DSO_E_INVALID_CREDENTIALS);
  auto i = open("", approle(wrapped, expected));
  BOOST_TEST(i.fetch("secret/" + base + "/x").field(0, "a") == "b");
  host.now_ms += 61'000;
  BOOST_TEST(i.fetch("secret/" + base + "/x").cls(0) == DSO_OK);  // the secret id is kept
  const auto again = open("", approle(wrapped, expected)).fetch("secret/" + base + "/x");
  BOOST_TEST(again.cls(0) == DSO_E_INVALID_CREDENTIALS);
  BOOST_TEST(again.error(0).message.find("somebody else") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(lists, Live) {
  put2("/x", R"({"a":"b"})");
  put2("/deep/er/y", R"({"a":"b"})");
  const auto has = [](const fake::Emitted& e, const std::string& name) {
    return std::count(e.names.begin(), e.names.end(), name) == 1;
  };
  const auto all = open().list();
  BOOST_TEST(has(all, "secret/" + base + "/x"));
  BOOST_TEST(has(all, "secret/" + base + "/deep/er/y"));
  BOOST_TEST(has(open(R"("mount":"secret")").list(), base + "/x"));
}

BOOST_FIXTURE_TEST_CASE(userpass_and_certificate, Live) {
  put2("/x", R"({"a":"b"})");
  const std::string name = "secret/" + base + "/x";
  if (const std::string user = variable("USERPASS"); !user.empty()) {
    const std::string login = user.substr(0, user.find(':'));
    host.files["/p"] = user.substr(user.find(':') + 1) + "\n";
    const auto e = open("", R"({"method":"userpass","params":{"password_file":"/p","username":")" + login + "\"}}").fetch(name);
    BOOST_TEST(e.field(0, "a") == "b");
    BOOST_TEST(e.identity == "userpass " + login);
  }
  if (variable("VAULT_CLIENT_CERT").empty()) return;
  const auto e = open(R"("client_cert":"/c")", R"({"method":"cert"})").fetch(name);
  BOOST_TEST(e.field(0, "a") == "b");
  BOOST_TEST(e.identity == "cert dso");
}

BOOST_FIXTURE_TEST_CASE(a_login_is_given_back, Live) {
  put2("/x", R"({"a":"b"})");
  { open("", approle(variable("APPROLE_SECRET_ID"))).fetch("secret/" + base + "/x"); }
  const std::string used = host.requests.back().headers.at("X-Vault-Token");
  BOOST_TEST(host.requests.back().url.ends_with("/auth/token/revoke-self"));
  const fake::Request lookup{"GET", variable("VAULT_ADDR") + "/v1/auth/token/lookup-self", "", {{"X-Vault-Token", used}}};
  BOOST_TEST(fake::live_http(lookup).status == 403);
}

BOOST_FIXTURE_TEST_CASE(an_engine_found_out_by_its_mount_keeps_its_lease, Live) {
  BOOST_TEST_REQUIRE(root("POST", "leased/" + base, R"({"a":"b","ttl":"60s"})").status == 204);
  remove.push_back("leased/" + base);
  auto i = open();
  const std::string name = "leased/" + base;
  const auto e = i.fetch(name);
  BOOST_TEST_REQUIRE(e.leases.contains(0));
  const std::string lease = e.leases.at(0).id;
  BOOST_TEST(e.versions.at(0) == "lease-" + lease.substr(lease.rfind('/') + 1));
  const auto asked = [&] { return host.requests.size(); };
  const std::size_t before = asked();
  BOOST_TEST(i.versions(name).versions.at(0) == e.versions.at(0));
  BOOST_TEST(asked() <= before + 2);  // the token's life, the lease; not the secret
  host.now_ms += 45'000;
  BOOST_TEST(i.fetch(name).leases.at(0).id == lease);
  BOOST_TEST(host.requests.back().url.ends_with("/sys/leases/renew"));
  BOOST_TEST_REQUIRE(root("POST", name, R"({"a":"new","ttl":"60s"})").status == 204);
  root("PUT", "sys/leases/revoke", R"({"lease_id":")" + lease + "\"}");
  host.now_ms += 1000;
  BOOST_TEST(i.versions(name).versions.at(0) != e.versions.at(0));  // the next poll finds it out
  const auto anew = i.fetch(name);
  BOOST_TEST(anew.field(0, "a") == "new");
  BOOST_TEST(anew.versions.at(0) != e.versions.at(0));
}

BOOST_FIXTURE_TEST_CASE(a_lease_is_renewed_until_it_is_lost, Live) {
  BOOST_TEST_REQUIRE(root("POST", "leased/" + base, R"({"a":"b","ttl":"60s"})").status == 204);
  remove.push_back("leased/" + base);
  auto i = open(R"("mount":"leased","kv_version":"1")");
  const auto e = i.fetch(base);
  BOOST_TEST(e.field(0, "a") == "b");
  BOOST_TEST_REQUIRE(e.leases.contains(0));
  BOOST_TEST(i.renew(e.leases.at(0).id).leases.at(0).seconds > 0);
  root("PUT", "sys/leases/revoke", R"({"lease_id":")" + e.leases.at(0).id + "\"}");
  BOOST_TEST(i.renew(e.leases.at(0).id).error(0).cls == DSO_E_LEASE_LOST);
}

BOOST_AUTO_TEST_SUITE_END()
