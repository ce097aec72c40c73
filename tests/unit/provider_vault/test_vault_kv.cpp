// The KV engine on fake answers: names, mounts, values, versions, lists, leases, redirects, and answers that are not Vault's.
#include "vault_kv.h"

#include <boost/test/unit_test.hpp>

#include "provider_vault/fake_vault.h"

BOOST_AUTO_TEST_SUITE(vault_kv)

namespace {

fake::Response mount(const std::string& path, const std::string& version, const std::string& type = "kv") {
  return {200, R"({"data":{"path":")" + path + R"(/","type":")" + type + R"(","options":)" +
                   (version.empty() ? "null" : R"({"version":")" + version + "\"}") + "}}"};
}
fake::Response metadata(int current, const std::string& versions) {
  return {200, R"({"data":{"current_version":)" + std::to_string(current) + R"(,"versions":)" + versions + "}}"};
}
const std::string kVersion3 = R"({"3":{"created_time":"2026-01-31T10:00:00.5Z","deletion_time":"","destroyed":false}})";

}  // namespace

BOOST_AUTO_TEST_CASE(names_that_could_reach_elsewhere_are_refused) {
  for (const char* bad : {"", "/", "/x", "x/", "a//b", "..", "../sys/mounts", "secret/../sys", "a/./b", "a\nb", "a\x7f"})
    BOOST_CHECK_THROW(vault::checked_name(bad), dso::sdk::Failure);
  for (const char* good : {"x", "secret/myapp/db", "a b", "...", "a..b", "w?x#y"}) BOOST_TEST(vault::checked_name(good) == good);
  BOOST_TEST(vault::encode_path("secret/data/a b?c#d%\xc3\xa9-._~") == "secret/data/a%20b%3Fc%23d%25%C3%A9-._~");
  fake::Vault v;
  BOOST_TEST(v.open().fetch("../../sys/mounts").cls(0) == DSO_E_INVALID_REQUEST);
  BOOST_TEST(v.host.requests.empty());
}

BOOST_AUTO_TEST_CASE(values_as_text_and_the_rest_as_compact_json) {
  fake::Vault v;
  v.answers["GET secret/data/x"] = {fake::kv2(R"({"p":"tab\tquote\" é","n":1.50,"big":12345678901234567890123,"b":true,"z":null,)"
                                              R"("o": {"k": [1, "a b"]},"e":"","\"q":"v"})")};
  const auto e = v.open().fetch("x");
  BOOST_TEST(e.result == DSO_OK);
  BOOST_TEST(e.field(0, "p") == "tab\tquote\" é");
  BOOST_TEST(e.field(0, "n") == "1.50");
  BOOST_TEST(e.field(0, "big") == "12345678901234567890123");
  BOOST_TEST(e.field(0, "b") == "true");
  BOOST_TEST(e.field(0, "z") == "null");
  BOOST_TEST(e.field(0, "o") == R"({"k":[1,"a b"]})");
  BOOST_TEST(e.field(0, "e") == "");
  BOOST_TEST(e.field(0, "\"q") == "v");
  BOOST_TEST(e.versions.at(0) == "3@2026-01-31T10:00:00.5Z");
  BOOST_TEST(e.identity == "token from the config");
}

BOOST_AUTO_TEST_CASE(an_answer_that_is_not_vaults_is_malformed_and_not_quoted) {
  for (const char* body : {"<html>hunter2</html>", "{\"data\":{\"data\":{\"p\":\"hunter2", "", "[]", "{}", R"({"data":null})",
                           R"({"data":{"p":"hunter2"}})", R"({"data":{"data":{"p":"hunter2"}}})",
                           R"({"data":{"data":{"p":"hunter2"},"metadata":{"version":0}}})",
                           R"({"data":{"data":"hunter2","metadata":{"version":1}}})",
                           R"({"data":{"data":{"p":"hunter2","p":"x"},"metadata":{"version":1}}})"}) {
    fake::Vault v;
    v.answers["GET secret/data/x"] = {{200, body}};
    const auto e = v.open().fetch("x");
    BOOST_TEST(e.cls(0) == DSO_E_MALFORMED, body);
    BOOST_TEST(e.fields.empty(), body);
    BOOST_TEST((e.error(0).message + e.error(0).next_step).find("hunter2") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(the_mount_is_found_out_once) {
  fake::Vault v;
  v.answers["GET sys/internal/ui/mounts/team/kv/app/db"] = {mount("team/kv", "2")};
  v.answers["GET team/kv/data/app/db"] = {fake::kv2(R"({"p":"v"})")};
  auto i = v.open(fake::kToken);
  BOOST_TEST(i.fetch("team/kv/app/db").field(0, "p") == "v");
  BOOST_TEST(i.fetch("team/kv/app/db").field(0, "p") == "v");
  BOOST_TEST(v.count("GET sys/internal/ui/mounts/team/kv/app/db") == 1);
}

BOOST_AUTO_TEST_CASE(version_1_mounts) {
  fake::Vault v;
  v.answers["GET sys/internal/ui/mounts/kv1/x"] = {mount("kv1", "1"), mount("kv1", "")};
  v.answers["GET kv1/x"] = {{200, R"({"lease_id":"","lease_duration":2764800,"data":{"data":"a","n":2.50}})"}};
  auto i = v.open(fake::kToken);
  const auto e = i.fetch("kv1/x");
  BOOST_TEST(e.field(0, "data") == "a");
  BOOST_TEST(e.field(0, "n") == "2.50");
  BOOST_TEST(e.versions.empty());
  BOOST_TEST(e.leases.empty());
  BOOST_TEST(i.versions("kv1/x").cls(0) == DSO_E_UNSUPPORTED);
  BOOST_TEST(i.fetch({{"kv1/x", "2"}}).cls(0) == DSO_E_UNSUPPORTED);
}

BOOST_AUTO_TEST_CASE(without_leave_to_detect_the_customary_mount_is_tried) {
  fake::Vault v;
  v.answers["GET sys/internal/ui/mounts/myapp/db"] = {fake::kDenied};
  v.answers["GET sys/internal/ui/mounts/secret/myapp/db"] = {fake::kDenied};
  v.answers["GET secret/data/myapp/db"] = {fake::kv2(R"({"p":"v"})")};
  auto i = v.open(fake::kToken);
  BOOST_TEST(i.fetch("myapp/db").field(0, "p") == "v");
  BOOST_TEST(i.fetch("secret/myapp/db").field(0, "p") == "v");
}

BOOST_AUTO_TEST_CASE(the_settings_mount_and_version_count) {
  fake::Vault v;
  v.answers["GET sys/internal/ui/mounts/kv/x"] = {mount("kv", "1")};
  v.answers["GET kv/x"] = {{200, R"({"data":{"p":"v1"}})"}};
  v.answers["GET kv/data/x"] = {fake::kv2(R"({"p":"v2"})")};
  BOOST_TEST(v.open(R"("mount":"kv",)" + fake::kToken).fetch("x").field(0, "p") == "v1");
  v.host.requests.clear();
  BOOST_TEST(v.open(R"("mount":"kv","kv_version":"2",)" + fake::kToken).fetch("x").field(0, "p") == "v2");
  BOOST_TEST(v.host.requests.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_mount_that_changes_is_found_out_again) {
  fake::Vault v;
  v.answers["GET sys/internal/ui/mounts/kv/x"] = {mount("kv", "1"), mount("kv", "2")};
  v.answers["GET kv/x"] = {{404, R"({"data":null,"warnings":["Invalid path for a versioned K/V secrets engine."]})"}};
  v.answers["GET kv/data/x"] = {fake::kv2(R"({"p":"v"})")};
  auto i = v.open(fake::kToken);
  BOOST_TEST(i.fetch("kv/x").cls(0) == DSO_E_INVALID_REQUEST);
  BOOST_TEST(i.fetch("kv/x").field(0, "p") == "v");
}

BOOST_AUTO_TEST_CASE(what_is_vaults_own_is_never_read) {
  for (const char* type : {"system", "identity", "cubbyhole", "ns_system", "token"}) {
    fake::Vault v;
    v.answers["GET sys/internal/ui/mounts/sys/mounts"] = {mount("sys", "", type)};
    const auto e = v.open(fake::kToken).fetch("sys/mounts");
    BOOST_TEST(e.cls(0) == DSO_E_INVALID_REQUEST);
    BOOST_TEST(v.host.requests.size() == 1u);
  }
  fake::Vault v;  // an auth mount is named without its "auth/" there
  v.answers["GET sys/internal/ui/mounts/auth/token/lookup-self"] = {mount("token", "", "token")};
  BOOST_TEST(v.open(fake::kToken).fetch("auth/token/lookup-self").cls(0) == DSO_E_NOT_FOUND);
  BOOST_TEST(v.count("GET auth/token/lookup-self") == 0);
}

BOOST_AUTO_TEST_CASE(a_version_of_ones_own_choice) {
  fake::Vault v;
  v.answers["GET secret/data/x?version=3"] = {fake::kv2(R"({"p":"v"})")};
  auto i = v.open();
  BOOST_TEST(i.fetch({{"x", "3"}}).field(0, "p") == "v");
  BOOST_TEST(i.fetch({{"x", "3@2026-01-31T10:00:00.5Z"}}).field(0, "p") == "v");
  BOOST_TEST(i.fetch({{"x", "3@2020-01-01T00:00:00Z"}}).cls(0) == DSO_E_VERSION_NOT_FOUND);
  BOOST_TEST(i.fetch({{"x", "9"}}).cls(0) == DSO_E_VERSION_NOT_FOUND);
  for (const char* bad : {"x", "-1", "1&a=b", "@", "99999999999999999999"})
    BOOST_TEST(i.fetch({{"x", bad}}).cls(0) == DSO_E_INVALID_REQUEST, bad);
}

BOOST_AUTO_TEST_CASE(versions_come_from_the_metadata_without_the_value) {
  fake::Vault v;
  v.answers["GET secret/metadata/x"] = {metadata(3, kVersion3)};
  v.answers["GET secret/data/x"] = {fake::kv2(R"({"p":"v"})")};
  auto i = v.open();
  const auto e = i.versions("x");
  BOOST_TEST(e.versions.at(0) == i.fetch("x").versions.at(0));
  BOOST_TEST(e.fields.empty());
  BOOST_TEST(v.count("GET secret/data/x") == 1);
  BOOST_TEST(i.versions("none").cls(0) == DSO_E_NOT_FOUND);
}

BOOST_AUTO_TEST_CASE(a_secret_removed_and_written_anew_has_another_version) {
  BOOST_TEST(vault::version_text(1, "2026-01-01T00:00:00Z") != vault::version_text(1, "2026-01-02T00:00:00Z"));
  BOOST_TEST(vault::version_number(vault::version_text(12, "2026-01-01T00:00:00Z")) == "12");
}

BOOST_AUTO_TEST_CASE(forbidden_metadata_is_asked_once_and_the_data_tells) {
  fake::Vault v;
  v.answers["GET secret/metadata/x"] = {fake::kDenied};
  v.answers["GET secret/data/x"] = {fake::kv2(R"({"p":"v"})")};
  auto i = v.open();
  BOOST_TEST(i.versions("x").versions.at(0) == "3@2026-01-31T10:00:00.5Z");
  const auto e = i.versions("x");
  BOOST_TEST(e.versions.at(0) == "3@2026-01-31T10:00:00.5Z");
  BOOST_TEST(e.fields.empty());
  BOOST_TEST(v.count("GET secret/metadata/x") == 1);
  v.answers["GET secret/data/x"] = {fake::kDenied};
  BOOST_TEST(i.versions("x").error(0).next_step == "Add to its policy: path \"secret/data/x\" { capabilities = [\"read\"] }.");
}

BOOST_AUTO_TEST_CASE(a_deleted_current_version_is_deleted_one_to_be_deleted_later_is_not) {
  fake::Vault v;
  v.answers["GET secret/metadata/x"] = {
      metadata(3, R"({"3":{"created_time":"t","deletion_time":"2026-05-01T00:00:00Z","destroyed":false}})")};
  v.answers["GET secret/data/x"] = {
      {404, R"({"data":{"data":null,"metadata":{"deletion_time":"2026-05-01T00:00:00Z","destroyed":false,"version":3}}})"},
      fake::kv2("{}")};
  auto i = v.open();
  BOOST_TEST(i.versions("x").cls(0) == DSO_E_DELETED);
  BOOST_TEST(i.versions("x").versions.at(0) == "3@2026-01-31T10:00:00.5Z");
  v.answers["GET secret/metadata/x"] = {metadata(0, "{}")};
  BOOST_TEST(i.versions("x").cls(0) == DSO_E_NOT_FOUND);
  v.answers["GET secret/metadata/x"] = {metadata(4, kVersion3)};
  BOOST_TEST(i.versions("x").cls(0) == DSO_E_MALFORMED);
}

BOOST_AUTO_TEST_CASE(a_standby_node_is_followed_once_with_method_body_and_token) {
  fake::Vault v;
  int asked = 0;
  v.host.on_http = [&](const fake::Request& r) -> fake::Response {
    ++asked;
    if (r.url.starts_with("https://vault:8200")) return {307, "", {{"location", "https://active:8200" + r.url.substr(18)}}};
    BOOST_TEST(r.headers.at("X-Vault-Token") == "hvs.good");
    return fake::kv2(R"({"p":"v"})");
  };
  BOOST_TEST(v.open().fetch("x").field(0, "p") == "v");
  BOOST_TEST(asked == 2);

  for (const char* nowhere : {"http://active:8200/v1/secret/data/x", "//active/x", "", "active"}) {  // never from https to http
    asked = 0;
    v.host.on_http = [&](const fake::Request&) -> fake::Response {
      ++asked;
      return {307, "", {{"location", nowhere}}};
    };
    BOOST_TEST(v.open().fetch("x").cls(0) == DSO_E_UNAVAILABLE);
    BOOST_TEST(asked == 1);
  }
  v.host.on_http = [&](const fake::Request& r) -> fake::Response { return {307, "", {{"location", r.url}}}; };
  v.host.requests.clear();
  BOOST_TEST(v.open().fetch("x").cls(0) == DSO_E_UNAVAILABLE);
  BOOST_TEST(v.host.requests.size() == 2u);

  v.host.on_http = [&](const fake::Request& r) -> fake::Response {  // the egress list says no
    if (r.url.starts_with("https://vault:8200")) return {307, "", {{"location", "https://evil/v1/x?token=1"}}};
    return {.status = 0, .body = "", .failure = DSO_E_ACCESS_DENIED};
  };
  const auto f = v.open().fetch("x").error(0);
  BOOST_TEST(f.message.starts_with("a standby node points to https://evil: "));
  BOOST_TEST(f.next_step.find("egress: \"https://evil\"") != std::string::npos);
  BOOST_TEST(vault::redirect_target("https://a:1/v1/x", "/v1/y") == "https://a:1/v1/y");
  BOOST_TEST(vault::redirect_target("http://a:1/v1/x", "http://b/v1/y") == "http://b/v1/y");
}

std::vector<std::pair<std::string, std::string>> names(int count, const std::string& stem = "kv/x") {
  std::vector<std::pair<std::string, std::string>> out;
  for (int i = 0; i < count; ++i) out.emplace_back(stem + std::to_string(i), "");
  return out;
}

BOOST_AUTO_TEST_CASE(many_are_asked_for_at_once_with_one_look_at_their_mount) {
  fake::Vault v;
  v.answers["GET sys/internal/ui/mounts/kv/x0"] = {mount("kv", "2")};
  for (int i = 0; i < 50; ++i) {
    v.answers["GET kv/data/x" + std::to_string(i)] = {fake::kv2(R"({"p":"v)" + std::to_string(i) + "\"}")};
    v.answers["GET kv/metadata/x" + std::to_string(i)] = {metadata(3, kVersion3)};
  }
  v.answers["GET kv/data/x7"] = {{404, R"({"errors":[]})"}};
  v.answers["GET kv/metadata/x8"] = {fake::kDenied};
  auto i = v.open(fake::kToken);
  auto e = i.fetch(names(50));
  for (std::size_t n = 0; n < 50; ++n)
    if (n != 7) BOOST_TEST(e.field(n, "p") == "v" + std::to_string(n));
  BOOST_TEST(e.cls(7) == DSO_E_NOT_FOUND);
  BOOST_TEST(v.host.requests.size() == 51u);
  BOOST_TEST(v.host.together == 1);
  v.answers["GET sys/internal/ui/mounts/kv/x0"] = {mount("kv", "2")};  // looked at again after a NotFound
  v.host.requests.clear();
  e = i.versions(names(50));
  for (std::size_t n = 0; n < 50; ++n) BOOST_TEST(e.versions.at(n) == "3@2026-01-31T10:00:00.5Z");
  v.host.requests.clear();
  e = i.versions(names(50));
  BOOST_TEST(e.versions.size() == 50u);
  BOOST_TEST(v.host.requests.size() == 50u);  // 49 of the metadata, and the data where that is forbidden
}

BOOST_AUTO_TEST_CASE(many_denied_are_looked_into_once) {
  fake::Vault v;
  for (int i = 0; i < 20; ++i) v.answers["GET secret/data/x" + std::to_string(i)] = {fake::kDenied};
  v.answers["GET secret/data/x5"] = {fake::kv2(R"({"p":"v"})")};
  const auto e = v.open().fetch(names(20, "x"));
  for (std::size_t n = 0; n < 20; ++n) BOOST_TEST(e.cls(n) == (n == 5 ? DSO_OK : DSO_E_ACCESS_DENIED));
  BOOST_TEST(v.count("GET auth/token/lookup-self") == 1);
  BOOST_TEST(v.host.requests.size() == 21u);
}

BOOST_AUTO_TEST_CASE(many_with_a_token_that_ended_log_in_once) {
  fake::Vault v;
  for (int i = 0; i < 20; ++i) v.answers["GET secret/data/x" + std::to_string(i)] = {fake::kv2(R"({"p":"v"})")};
  v.answers["POST auth/approle/login"] = {fake::logged_in("hvs.first"), fake::logged_in("hvs.good")};
  auto i = v.open(R"("mount":"secret","kv_version":"2")", fake::kAppRole);
  v.good_token = "hvs.first";
  BOOST_TEST(i.fetch("x0").field(0, "p") == "v");
  v.good_token = "hvs.good";  // the first was revoked
  const auto e = i.fetch(names(20, "x"));
  for (std::size_t n = 0; n < 20; ++n) BOOST_TEST(e.field(n, "p") == "v");
  BOOST_TEST(v.count("POST auth/approle/login") == 2);
}

BOOST_AUTO_TEST_CASE(many_follow_a_standby_node_together) {
  fake::Vault v;
  v.host.on_http = [](const fake::Request& r) -> fake::Response {
    if (r.url.starts_with("https://vault:8200")) return {307, "", {{"location", "https://active:8200" + r.url.substr(18)}}};
    if (r.url.ends_with("x3")) return {.failure = DSO_E_ACCESS_DENIED};
    return fake::kv2(R"({"p":"v"})");
  };
  const auto e = v.open().fetch(names(20, "x"));
  for (std::size_t n = 0; n < 20; ++n)
    if (n != 3) BOOST_TEST(e.field(n, "p") == "v");
  BOOST_TEST(e.error(3).message.starts_with("a standby node points to https://active:8200: "));
  BOOST_TEST(v.host.requests.size() == 40u);
  BOOST_TEST(v.host.together == 2);  // the first alone shows that the token is good
}

BOOST_AUTO_TEST_CASE(no_connection_names_the_address) {
  fake::Vault v;
  v.host.on_http = [](const fake::Request&) { return fake::Response{.failure = DSO_E_NETWORK}; };
  const auto e = v.open().fetch({{"x", ""}, {"y", ""}});
  BOOST_TEST(e.cls(1) == DSO_E_NETWORK);
  BOOST_TEST(e.error(0).next_step.find("https://vault:8200") != std::string::npos);
  v.host.on_http = [](const fake::Request&) { return fake::Response{.failure = DSO_E_TLS}; };
  BOOST_TEST(v.open().fetch("x").error(0).next_step.find("ca_file") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_namespace_goes_with_every_request) {
  fake::Vault v;
  v.answers["GET secret/data/x"] = {fake::kv2("{}")};
  BOOST_TEST(v.open(fake::kKv2 + R"(,"namespace":"team/")").fetch("x").cls(0) == DSO_OK);
  BOOST_TEST(v.host.requests[0].headers.at("X-Vault-Namespace") == "team");
}

BOOST_AUTO_TEST_CASE(lists_go_into_folders_and_round_those_that_are_denied) {
  fake::Vault v;
  v.answers["GET secret/metadata/?list=true"] = {{200, R"({"data":{"keys":["a","app/","closed/"]}})"}};
  v.answers["GET secret/metadata/app/?list=true"] = {{200, R"({"data":{"keys":["db","db/"]}})"}};
  v.answers["GET secret/metadata/app/db/?list=true"] = {{200, R"({"data":{"keys":["c d"]}})"}};
  v.answers["GET secret/metadata/closed/?list=true"] = {fake::kDenied};
  const std::vector<std::string> names{"a", "app/db", "app/db/c d"};
  auto e = v.open().list();
  BOOST_TEST(e.result == DSO_OK);
  BOOST_TEST(e.names == names, boost::test_tools::per_element());

  v.answers["GET sys/internal/ui/mounts"] = {{200, R"({"data":{"secret":{"secret/":{"type":"kv","options":{"version":"2"}},)"
                                                   R"("kv1/":{"type":"kv","options":null},"sys/":{"type":"system"}}}})"}};
  v.answers["GET kv1/?list=true"] = {{200, R"({"data":{"keys":["x"]}})"}};
  e = v.open(fake::kToken).list();
  const std::vector<std::string> all{"secret/a", "secret/app/db", "secret/app/db/c d", "kv1/x"};
  BOOST_TEST(e.names == all, boost::test_tools::per_element());
  BOOST_TEST(v.open(R"("mount":"empty","kv_version":"2",)" + fake::kToken).list().result == DSO_OK);
}

BOOST_AUTO_TEST_CASE(a_denied_list_says_so_and_an_endless_one_ends) {
  fake::Vault v;
  v.answers["GET secret/metadata/?list=true"] = {fake::kDenied};
  BOOST_TEST(v.open().list().error(0).next_step == "Add to its policy: path \"secret/metadata/\" { capabilities = [\"list\"] }.");
  v.host.on_http = [](const fake::Request&) { return fake::Response{200, R"({"data":{"keys":["a/","b/"]}})"}; };
  v.host.requests.clear();
  BOOST_TEST(v.open().list().result == DSO_OK);
  BOOST_TEST(v.host.requests.size() < 600u);
}

BOOST_AUTO_TEST_CASE(leases_of_an_engine_asked_for_by_name) {
  fake::Vault v;
  v.answers["GET leased/x"] = {{200, R"({"lease_id":"leased/x/1","lease_duration":30,"renewable":true,"data":{"p":"v"}})"}};
  v.answers["PUT sys/leases/renew"] = {{200, R"({"lease_id":"leased/x/1","lease_duration":20,"renewable":true})"},
                                       {400, R"({"errors":["lease not found"]})"}};
  auto i = v.open(R"("mount":"leased","kv_version":"1",)" + fake::kToken);
  BOOST_TEST(i.fetch("x").leases.at(0).id == "leased/x/1");
  const auto e = i.renew("leased/x/1");
  BOOST_TEST(e.leases.at(0).seconds == 20);
  BOOST_TEST(v.host.requests.back().body == R"({"lease_id":"leased/x/1"})");
  BOOST_TEST(i.renew("leased/x/1").error(0).cls == DSO_E_LEASE_LOST);
}

BOOST_AUTO_TEST_SUITE_END()
