// Answers of Vault by "METHOD path", and the provider opened on them.
#pragma once
#include <map>
#include <string>

#include "sdk_provider/fake_host.h"

namespace fake {

inline std::string config(const std::string& settings, const std::string& auth = "{}") {
  return R"({"name":"prod","type":"vault","settings":{"address":"https://vault:8200")" +
         (settings.empty() ? "" : "," + settings) + R"(},"auth":)" + auth + "}";
}
inline const std::string kToken = R"("token":"hvs.good")";
inline const std::string kKv2 = R"("mount":"secret","kv_version":"2",)" + kToken;
inline const std::string kAppRole = R"({"method":"approle","params":{"role_id":"r","secret_id":"s"}})";

class Vault {
 public:
  Host host;
  /// Answers in order; the last one stays. What is not there is 404 {"errors":[]}.
  std::map<std::string, std::vector<Response>> answers;
  std::string good_token = "hvs.good";  ///< Any other is 403, at lookup-self too.

  Vault() {
    host.on_http = [this](const Request& r) { return answer(r); };
  }
  Instance open(const std::string& settings = kKv2, const std::string& auth = "{}") {
    return Instance(*dso_provider_get_api(DSO_ABI_VERSION), host, config(settings, auth));
  }
  int count(const std::string& what) const {
    int n = 0;
    for (const Request& r : host.requests) n += r.method + " " + path(r) == what;
    return n;
  }

 private:
  static std::string path(const Request& r) { return r.url.substr(r.url.find("/v1/") + 4); }
  Response answer(const Request& r) {
    const std::string what = r.method + " " + path(r);
    const auto token = r.headers.find("X-Vault-Token");
    if (token != r.headers.end() && token->second != good_token)
      if (auto a = answers.find("bad token"); a != answers.end()) return a->second.front();
    if (token != r.headers.end() && token->second != good_token) return {403, R"({"errors":["permission denied"]})"};
    const auto found = answers.find(what);
    if (found == answers.end())
      return what == "GET auth/token/lookup-self" ? Response{200, R"({"data":{}})"} : Response{404, R"({"errors":[]})"};
    Response next = found->second.front();
    if (found->second.size() > 1) found->second.erase(found->second.begin());
    return next;
  }
};

inline Response kv2(const std::string& data, int version = 3, const std::string& created = "2026-01-31T10:00:00.5Z") {
  return {200, R"({"request_id":"q","data":{"data":)" + data + R"(,"metadata":{"created_time":")" + created +
                   R"(","deletion_time":"","destroyed":false,"version":)" + std::to_string(version) + "}}}"};
}
inline Response logged_in(const std::string& token, int seconds = 60, bool renewable = true) {
  return {200, R"({"data":null,"auth":{"client_token":")" + token + R"(","lease_duration":)" + std::to_string(seconds) +
                   R"(,"renewable":)" + (renewable ? "true" : "false") + R"(,"metadata":{"role_name":"dso"}}})"};
}
inline const Response kDenied{403, R"({"errors":["1 error occurred:\n\t* permission denied\n\n"]})"};

}  // namespace fake
