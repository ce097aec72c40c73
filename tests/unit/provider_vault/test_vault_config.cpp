// Settings: what counts, what the environment adds, and every mistake with its next step.
#include "vault_config.h"

#include <boost/test/unit_test.hpp>

#include "provider_vault/fake_vault.h"

BOOST_AUTO_TEST_SUITE(vault_config)

namespace {

vault::Settings read(fake::Host& host, const std::string& config) {
  return vault::read_settings(dso::sdk::Host(&host.table()), config);
}
std::string refused(const std::string& config, fake::Host&& host = fake::Host()) {
  try {
    read(host, config);
  } catch (const dso::sdk::Failure& f) {
    BOOST_TEST(f.cls == DSO_E_INVALID_REQUEST);
    return f.message + " | " + f.next_step;
  }
  return "accepted";
}

}  // namespace

BOOST_AUTO_TEST_CASE(settings_are_normalised) {
  fake::Host host;
  auto s = read(
      host, R"({"settings":{"address":"https://v:8200/","namespace":"/team/a/","mount":"/kv/","kv_version":"1","token":"t"}})");
  BOOST_TEST(s.address == "https://v:8200");
  BOOST_TEST(s.ns == "team/a");
  BOOST_TEST(s.mount == "kv");
  BOOST_TEST(s.kv_version == 1);
  BOOST_TEST(vault::view(s.token) == "t");
  BOOST_TEST((s.method == vault::Settings::Method::token));
  BOOST_TEST(read(host, R"({"settings":{"address":"https://v/v1"}})").address == "https://v");
  BOOST_TEST(read(host, R"({"settings":{"vault_addr":"https://v","kv_version":2}})").kv_version == 2);
}

BOOST_AUTO_TEST_CASE(the_environment_counts_where_the_config_is_silent) {
  fake::Host host;
  host.variables = {{"VAULT_ADDR", "https://env:1"}, {"VAULT_NAMESPACE", "ns"}, {"VAULT_TOKEN", "env-token"}};
  auto s = read(host, "{}");
  BOOST_TEST(s.address == "https://env:1");
  BOOST_TEST(s.ns == "ns");
  BOOST_TEST(vault::view(s.token) == "env-token");
  BOOST_TEST(s.token_from_env);
  s = read(host, R"({"settings":{"address":"https://v","namespace":"mine","token_file":"/t"}})");
  BOOST_TEST(s.address == "https://v");
  BOOST_TEST(s.ns == "mine");
  BOOST_TEST(s.token.empty());
  BOOST_TEST(s.token_file == "/t");
}

BOOST_AUTO_TEST_CASE(approle) {
  fake::Host host;
  auto s =
      read(host, fake::config("", R"({"method":"appRole","params":{"role_id":"r","secret_id_file":"/s","mount":"auth-x"}})"));
  BOOST_TEST((s.method == vault::Settings::Method::approle));
  BOOST_TEST(vault::view(s.role_id) == "r");
  BOOST_TEST(s.secret_id_file == "/s");
  BOOST_TEST(s.auth_mount == "auth-x");
  BOOST_TEST(s.mount == "");  // the auth mount is not the secrets' mount
  s = read(host, fake::config("", R"({"params":{"role_id_file":"/r"}})"));
  BOOST_TEST((s.method == vault::Settings::Method::approle));
  BOOST_TEST(s.auth_mount == "approle");
}

BOOST_AUTO_TEST_CASE(mistakes_are_named) {
  BOOST_TEST(refused("[]").find("not a JSON object") != std::string::npos);
  BOOST_TEST(refused("{}").find("no address") != std::string::npos);
  BOOST_TEST(refused(R"({"settings":{"address":"vault:8200"}})").find("https://") != std::string::npos);
  BOOST_TEST(refused(R"({"settings":{"address":"https://"}})") != "accepted");
  BOOST_TEST(refused(R"({"settings":{"address":"https://user:pw@v"}})") != "accepted");
  BOOST_TEST(refused(fake::config(R"("mout":"x")")) == "unknown setting 'mout' | Did you mean 'mount'?");
  BOOST_TEST(refused(fake::config(R"("frobnicate":"x")")).find("README") != std::string::npos);
  BOOST_TEST(refused(fake::config("", R"({"params":{"rol_id":"x"}})")) ==
             "unknown auth parameter 'rol_id' | Did you mean 'role_id'?");
  BOOST_TEST(refused(fake::config(R"("kv_version":"3")")).find("1 or 2") != std::string::npos);
  BOOST_TEST(refused(fake::config("", R"({"method":"radius"})")).find("'radius'") != std::string::npos);
  BOOST_TEST(refused(fake::config("", R"({"method":"approle"})")).find("role id") != std::string::npos);
  BOOST_TEST(refused(fake::config(R"("token_file":"~/.vault-token")")).find("/root/.vault-token") != std::string::npos);
  BOOST_TEST(refused(fake::config(R"("token":"a","token_file":"/b")")).find("exclude") != std::string::npos);
  BOOST_TEST(refused(fake::config("", R"({"params":{"role_id":"r","secret_id":"a","secret_id_file":"/b"}})")).find("exclude") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(other_methods) {
  fake::Host host;
  auto s = read(host, fake::config("", R"({"method":"jwt","params":{"role":"r","jwt_file":"/j"}})"));
  BOOST_TEST((s.method == vault::Settings::Method::jwt));
  BOOST_TEST(s.role == "r");
  BOOST_TEST(s.jwt_file == "/j");
  BOOST_TEST(s.auth_mount == "jwt");
  s = read(host, fake::config("", R"({"method":"Kubernetes","params":{"role":"r","jwt_file":"/j","mount":"k8s/prod"}})"));
  BOOST_TEST(s.auth_mount == "k8s/prod");
  s = read(host, fake::config(R"("client_cert":"/c","client_key":"/k")", R"({"method":"cert","params":{"name":"web"}})"));
  BOOST_TEST(s.role == "web");
  s = read(host, fake::config("", R"({"method":"userpass","params":{"username":"u","password_file":"/p"}})"));
  BOOST_TEST(s.username == "u");
  BOOST_TEST((s.revoke == vault::Settings::Revoke::unused));
  host.variables["VAULT_CLIENT_CERT"] = "/c";
  BOOST_TEST(read(host, fake::config("", R"({"method":"cert"})")).role == "");
}

BOOST_AUTO_TEST_CASE(what_a_method_needs_and_what_it_does_not_take) {
  const auto auth = [](const std::string& method, const std::string& params = "") {
    return refused(fake::config("", R"({"method":")" + method + R"(","params":{)" + params + "}}"));
  };
  BOOST_TEST(auth("jwt").find("jwt_file") != std::string::npos);
  BOOST_TEST(auth("kubernetes").find("/var/run/secrets/kubernetes.io/serviceaccount/token") != std::string::npos);
  BOOST_TEST(auth("kubernetes", R"("jwt_file":"/j")").find("needs a role") != std::string::npos);
  BOOST_TEST(auth("jwt", R"("jwt_file":"token")").find("absolute") != std::string::npos);
  BOOST_TEST(auth("cert").find("client_cert") != std::string::npos);
  BOOST_TEST(auth("userpass").find("username") != std::string::npos);
  BOOST_TEST(auth("userpass", R"("username":"u")").find("password_file") != std::string::npos);
  BOOST_TEST(auth("userpass", R"("username":"u","password":"p","password_file":"/p")") != "accepted");
  BOOST_TEST(auth("jwt", R"("role_id":"x")") ==
             "'role_id' is no parameter of the auth method 'jwt' | It takes: role, jwt_file, mount, revoke_on_close, address, "
             "namespace.");
  BOOST_TEST(auth("token", R"("revoke_on_close":"no")").find("never, unused or always") != std::string::npos);
  BOOST_TEST(auth("approle", R"("role_id":"r","revoke_on_close":"yes")").find("never, unused or always") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_says_what_to_do_instead) {
  {
    fake::Host host;
    try {
      read(host, fake::config("", R"({"method":"gcp"})"));
      BOOST_TEST(false);
    } catch (const dso::sdk::Failure& f) {
      BOOST_TEST(f.message.find("'gcp'") != std::string::npos);
      BOOST_TEST(f.next_step.find("token_file") != std::string::npos);
    }
  }
  fake::Host host;
  const std::string remove = R"({"params":{"role_id":"r","secret_id_file":"/s","remove_secret_id_file_after_reading":)";
  BOOST_CHECK_THROW(read(host, fake::config("", remove + R"("true"}})")), dso::sdk::Failure);
  read(host, fake::config("", remove + R"("false"}})"));
}

BOOST_AUTO_TEST_CASE(plain_http_is_warned_about_unless_it_stays_on_this_host) {
  fake::Host host;
  read(host, R"({"settings":{"address":"http://127.0.0.1:8200"}})");
  BOOST_TEST(host.log.empty());
  read(host, R"({"settings":{"address":"http://vault:8200"}})");
  BOOST_TEST(host.log.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
