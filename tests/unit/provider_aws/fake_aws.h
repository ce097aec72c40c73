// A host for the AWS provider with real digests, answers by operation, and the public vectors.
#pragma once
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "places.h"
#include "sdk_provider/fake_host.h"
#include "sigv4.h"

namespace fake {

inline int32_t real_sha256(void*, dso_str data, uint8_t digest[32]) {
  unsigned int n = 0;
  return EVP_Digest(data.data, data.size, digest, &n, EVP_sha256(), nullptr) == 1 ? DSO_OK : DSO_E_UNSUPPORTED;
}
inline int32_t real_hmac(void*, dso_str key, dso_str data, uint8_t digest[32]) {
  unsigned int n = 0;
  HMAC(EVP_sha256(), key.data, static_cast<int>(key.size), reinterpret_cast<const unsigned char*>(data.data), data.size, digest,
       &n);
  return DSO_OK;
}
inline aws::Hashes hashes() {
  return {.sha256 =
              [](std::string_view data) {
                dso::sdk::Digest d{};
                real_sha256(nullptr, str(data), d.data());
                return d;
              },
          .hmac_sha256 =
              [](std::string_view key, std::string_view data) {
                dso::sdk::Digest d{};
                real_hmac(nullptr, str(key), str(data), d.data());
                return d;
              }};
}

/// The folder of the public vectors; empty where they cannot be fetched, which CI does not accept.
inline std::string vectors() {
  static const std::string folder = [] {
    std::FILE* p = popen(("bash " + dso::test::in_tree("tests/unit/provider_aws/vectors.sh")).c_str(), "r");
    char line[1024] = "";
    const bool some = p && std::fgets(line, sizeof line, p);
    const bool fine = p && pclose(p) == 0 && some;
    std::string out = fine ? line : "";
    while (out.ends_with('\n')) out.pop_back();
    return out;
  }();
  const char* ci = std::getenv("CI");
  if (folder.empty() && ci && std::string(ci) == "true") BOOST_FAIL("the public test vectors cannot be fetched");
  if (folder.empty()) BOOST_TEST_MESSAGE("SKIPPED: the public test vectors cannot be fetched (no network, or no cargo)");
  return folder;
}
inline std::string slurp(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

inline std::string config(const std::string& settings = R"("region":"eu-west-1")", const std::string& auth = "{}") {
  return R"({"name":"prod","type":"aws","settings":{)" + settings + R"(},"auth":)" + auth + "}";
}

/// Answers by X-Amz-Target's operation, or by "METHOD url" for what has none. In order; the last one stays.
class Aws {
 public:
  Host host;
  std::map<std::string, std::vector<Response>> answers;

  Aws() {
    host.table().sha256 = real_sha256;
    host.table().hmac_sha256 = real_hmac;
    host.variables = {{"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"}, {"AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI"}};
    host.on_http = [this](const Request& r) { return answer(r); };
  }
  Instance open(const std::string& settings = R"("region":"eu-west-1")", const std::string& auth = "{}") {
    return Instance(*dso_provider_get_api(DSO_ABI_VERSION), host, config(settings, auth));
  }
  static std::string what(const Request& r) {
    if (const auto t = r.headers.find("X-Amz-Target"); t != r.headers.end()) return t->second.substr(t->second.find('.') + 1);
    if (const auto at = r.body.find("Action="); at == 0) return r.body.substr(7, r.body.find('&') - 7);
    return r.method + " " + r.url;
  }
  int count(const std::string& operation) const {
    int n = 0;
    for (const Request& r : host.requests) n += what(r) == operation;
    return n;
  }
  const Request& last() const { return host.requests.back(); }

 private:
  Response answer(const Request& r) {
    const auto found = answers.find(what(r));
    if (found == answers.end()) return {.failure = DSO_E_NETWORK};
    Response next = found->second.front();
    if (found->second.size() > 1) found->second.erase(found->second.begin());
    return next;
  }
};

inline std::string item(const std::string& name, const std::string& value, const std::string& version = "v-1") {
  return R"({"ARN":"arn:aws:secretsmanager:eu-west-1:123456789012:secret:)" + name + R"(-AbCdEf","Name":")" + name +
         R"(","VersionId":")" + version + R"(",)" + value + R"(,"VersionStages":["AWSCURRENT"],"CreatedDate":1.7e9})";
}
inline Response refused(const std::string& code, const std::string& message = "", int status = 400) {
  return {status,
          R"({"__type":")" + code + R"(","message":")" + message + "\"}",
          {{"x-amzn-requestid", "req-1"}, {"date", "Tue, 14 Nov 2023 22:13:20 GMT"}}};
}

}  // namespace fake
