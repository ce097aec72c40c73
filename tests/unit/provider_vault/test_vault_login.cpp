// The other auth methods: what each sends, from which file, and as whom.
#include <boost/test/unit_test.hpp>

#include "provider_vault/fake_vault.h"

BOOST_AUTO_TEST_SUITE(vault_login)

namespace {

const std::string kMounted = R"("mount":"secret","kv_version":"2")";

struct WithLogin : fake::Vault {
  WithLogin() {
    good_token = "t1";
    answers["GET secret/data/x"] = {fake::kv2(R"({"p":"v"})")};
  }
  void lets_in(const std::string& path, const std::string& metadata) {
    answers["POST " + path] = {
        {200, R"({"auth":{"client_token":"t1","lease_duration":60,"renewable":true,"metadata":{)" + metadata + "}}}"}};
  }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_jwt_is_read_at_each_login, WithLogin) {
  lets_in("auth/jwt/login", R"("role":"ci")");
  host.files["/j"] = "aaa.bbb.ccc\n";
  auto i = open(kMounted, R"({"method":"jwt","params":{"role":"ci","jwt_file":"/j"}})");
  const auto e = i.fetch("x");
  BOOST_TEST(e.field(0, "p") == "v");
  BOOST_TEST(e.identity == "jwt ci");
  BOOST_TEST(host.requests[0].body == R"({"role":"ci","jwt":"aaa.bbb.ccc"})");
  host.files["/j"] = "ddd.eee.fff";
  host.now_ms += 61'000;
  i.fetch("x");
  BOOST_TEST(host.requests[2].body == R"({"role":"ci","jwt":"ddd.eee.fff"})");
  BOOST_TEST(open(kMounted, R"({"method":"jwt","params":{"jwt_file":"/j"}})").fetch("x").cls(0) == DSO_OK);
  BOOST_TEST(host.requests[4].body == R"({"jwt":"ddd.eee.fff"})");  // Vault's default role
  const auto none = open(kMounted, R"({"method":"jwt","params":{"jwt_file":"/none"}})").fetch("x");
  BOOST_TEST(none.cls(0) == DSO_E_CREDENTIALS_UNAVAILABLE);
  BOOST_TEST(none.error(0).next_step == "Put the JWT there.");
}

BOOST_FIXTURE_TEST_CASE(kubernetes_at_a_mount_of_its_own, WithLogin) {
  lets_in("auth/k8s/prod/login", R"("role":"app","service_account_name":"sa")");
  host.files["/var/run/secrets/kubernetes.io/serviceaccount/token"] = "jwt1";
  auto i = open(kMounted, R"({"method":"kubernetes","params":{"role":"app","mount":"k8s/prod",)"
                          R"("jwt_file":"/var/run/secrets/kubernetes.io/serviceaccount/token"}})");
  const auto e = i.fetch("x");
  BOOST_TEST(e.field(0, "p") == "v");
  BOOST_TEST(e.identity == "kubernetes app");
  BOOST_TEST(host.requests[0].body == R"({"role":"app","jwt":"jwt1"})");
  answers["POST auth/k8s/prod/login"] = {{403, R"({"errors":["service account name not authorized"]})"}};
  host.now_ms += 61'000;
  const auto denied = i.fetch("x");
  BOOST_TEST(denied.cls(0) == DSO_E_ACCESS_DENIED);
  BOOST_TEST(denied.error(0).next_step.find("bound_service_account_names") != std::string::npos);
  BOOST_TEST(denied.error(0).identity == "kubernetes app");
}

BOOST_FIXTURE_TEST_CASE(a_certificate_needs_no_secret_of_ours, WithLogin) {
  lets_in("auth/cert/login", R"("cert_name":"web","common_name":"host1")");
  const std::string tls = R"(,"client_cert":"/c","client_key":"/k")";
  const auto e = open(kMounted + tls, R"({"method":"cert"})").fetch("x");
  BOOST_TEST(e.identity == "cert web");
  BOOST_TEST(host.requests[0].body == "{}");
  open(kMounted + tls, R"({"method":"cert","params":{"name":"web"}})").fetch("x");
  BOOST_TEST(host.requests[3].body == R"({"name":"web"})");  // [2] gave the first token back
}

BOOST_FIXTURE_TEST_CASE(a_password_keeps_its_own_spaces, WithLogin) {
  lets_in("auth/userpass/login/j%C3%B6", R"("username":"j")");
  host.files["/p"] = " pass\"word \r\n";
  auto i = open(kMounted, R"({"method":"userpass","params":{"username":"jö","password_file":"/p"}})");
  BOOST_TEST(i.fetch("x").cls(0) == DSO_OK);
  BOOST_TEST(host.requests[0].body == R"({"password":" pass\"word "})");
  lets_in("auth/ldap/login/u", R"("username":"u")");
  BOOST_TEST(
      open(kMounted, R"({"method":"userpass","params":{"username":"u","password":"p","mount":"ldap"}})").fetch("x").cls(0) ==
      DSO_OK);
}

BOOST_FIXTURE_TEST_CASE(a_wrong_password_is_tried_once_a_call, WithLogin) {
  answers["POST auth/userpass/login/u"] = {{400, R"({"errors":["invalid username or password"]})"}};
  auto i = open(kMounted, R"({"method":"userpass","params":{"username":"u","password":"p"}})");
  const auto e = i.fetch({{"x", ""}, {"y", ""}});
  BOOST_TEST(e.cls(1) == DSO_E_INVALID_CREDENTIALS);
  BOOST_TEST(e.error(0).identity == "userpass u");
  BOOST_TEST(host.requests.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
