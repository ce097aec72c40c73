// A vault, a login host and identity endpoints in the test's hand: answers by "METHOD url", and the provider opened on them.
#pragma once
#include <map>
#include <set>
#include <string>

#include "sdk_provider/fake_host.h"

namespace fake {

inline const std::string kVault = "https://kv.vault.azure.net";
inline const std::string kTenant = "22222222-2222-2222-2222-222222222222";
inline const std::string kApp = "33333333-3333-3333-3333-333333333333";
inline const std::string kLogin = "https://login.microsoftonline.com/" + kTenant + "/oauth2/v2.0/token";
inline const std::string kClientSecret = R"({"method":"client_secret","params":{"tenant_id":")" + kTenant + R"(","client_id":")" +
                                         kApp + R"(","client_secret":"s3cr3t"}})";
inline const std::string kChallenge =
    R"(Bearer authorization="https://login.windows.net/)" + kTenant + R"(", resource="https://vault.azure.net")";

inline Response unauthorized(const std::string& challenge = kChallenge) {
  return {401, R"({"error":{"code":"Unauthorized","message":"AKV10000: no token"}})", {{"www-authenticate", challenge}}};
}
inline Response logged_in(const std::string& token, int seconds = 3600, const std::string& more = "") {
  return {200, R"({"access_token":")" + token + R"(","expires_in":)" + std::to_string(seconds) + more + "}"};
}
inline Response refused(int status, const std::string& code, const std::string& inner = "") {
  return {status,
          R"({"error":{"code":")" + code + R"(","message":"m")" +
              (inner.empty() ? "" : R"(,"innererror":{"code":")" + inner + "\"}") + "}}",
          {{"x-ms-request-id", "req-1"}}};
}
inline std::string escaped(const std::string& value) {
  std::string out;
  for (const char c : value) out += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return out;
}
inline Response a_secret(const std::string& name, const std::string& version, const std::string& value,
                         std::int64_t updated = 1'699'000'000) {
  return {200, R"({"value":")" + escaped(value) + R"(","id":")" + kVault + "/secrets/" + name + "/" + version +
                   R"(","attributes":{"enabled":true,"updated":)" + std::to_string(updated) + "}}"};
}

class Azure {
 public:
  Host host;
  /// By "METHOD url" without the api-version, in order; the last one stays. What is not there is 404 SecretNotFound.
  std::map<std::string, std::vector<Response>> answers;
  std::set<std::string> good_tokens{"t1"};

  Azure() {
    answers["POST " + kLogin] = {logged_in("t1")};
    host.on_http = [this](const Request& r) { return answer(r); };
  }
  Instance open(const std::string& auth = kClientSecret, const std::string& settings = "") {
    return Instance(*dso_provider_get_api(DSO_ABI_VERSION), host,
                    R"({"name":"prod","type":"azure","settings":{"address":")" + kVault + "\"" +
                        (settings.empty() ? "" : "," + settings) + R"(},"auth":)" + auth + "}");
  }
  std::vector<Response>& vault(const std::string& path) { return answers["GET " + kVault + path]; }
  int count(const std::string& what) const {
    int n = 0;
    for (const Request& r : host.requests) n += key(r) == what;
    return n;
  }
  int vault_reads() const {  // with a token
    int n = 0;
    for (const Request& r : host.requests) n += r.url.starts_with(kVault) && r.headers.contains("Authorization");
    return n;
  }
  static std::string key(const Request& r) {
    std::string url = r.url;
    if (const auto api = url.find("?api-version=7.4"); api != std::string::npos) {
      url.erase(api, 16);
      if (api < url.size() && url[api] == '&') url[api] = '?';
    }
    return r.method + " " + url;
  }

 private:
  Response answer(const Request& r) {
    if (r.url.starts_with(kVault)) {
      const auto token = r.headers.find("Authorization");
      if (token == r.headers.end()) return unauthorized();
      if (!token->second.starts_with("Bearer ") || !good_tokens.contains(token->second.substr(7))) return unauthorized();
    }
    const auto found = answers.find(key(r));
    if (found == answers.end()) return refused(404, "SecretNotFound");
    Response next = found->second.front();
    if (found->second.size() > 1) found->second.erase(found->second.begin());
    return next;
  }
};

}  // namespace fake
