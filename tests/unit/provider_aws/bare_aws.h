// A host with nothing in its environment and one secret to fetch, and what the sources of credentials answer.
#pragma once
#include "aws_text.h"
#include "provider_aws/fake_aws.h"

namespace fake {

inline constexpr std::int64_t kMinute = 60'000;
inline const std::string kMetadata = "http://169.254.169.254/latest/";
inline const std::string kRoles = "GET " + kMetadata + "meta-data/iam/security-credentials/";
inline const std::string kSecret = item("a", R"("SecretString":"plain")");

inline std::string iso(std::int64_t ms) {
  const std::string t = aws::amz_date(ms);
  return t.substr(0, 4) + "-" + t.substr(4, 2) + "-" + t.substr(6, 2) + "T" + t.substr(9, 2) + ":" + t.substr(11, 2) + ":" +
         t.substr(13, 2) + "Z";
}
inline std::string keys(const std::string& id, std::int64_t end, const std::string& more = "") {
  return R"({"Code":"Success","AccessKeyId":")" + id + R"(","SecretAccessKey":"s-)" + id + R"(","Token":"t-)" + id +
         R"(","Expiration":")" + iso(end) + "\"" + more + "}";
}
inline Response assumed(const std::string& id, std::int64_t end) {
  return {200, "<R><Credentials><AccessKeyId>" + id +
                   "</AccessKeyId><SecretAccessKey>s/+</SecretAccessKey><SessionToken>tok&amp;" + id +
                   "</SessionToken><Expiration>" + iso(end) + "</Expiration></Credentials></R>"};
}

/// Nothing in the environment; one secret to fetch.
struct Bare : Aws {
  Bare() {
    host.variables.clear();
    answers["GetSecretValue"] = {{200, kSecret}};
  }
  std::string key_used() const {
    const std::string& a = last().headers.at("Authorization");
    const std::size_t at = a.find("Credential=") + 11;
    return a.substr(at, a.find('/', at) - at);
  }
  void instance(const std::string& id, std::int64_t end) {
    answers["PUT " + kMetadata + "api/token"] = {{200, "imds-token"}};
    answers[kRoles] = {{200, "web-role"}};
    answers[kRoles + "web-role"] = {{200, keys(id, end)}};
  }
};

}  // namespace fake
