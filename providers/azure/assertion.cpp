// PS256 and x5t#S256 as Entra ID asks for them.
#include "assertion.h"

#include "azure_text.h"

namespace azure {

using dso::sdk::Failure;

std::optional<Secret> first_certificate(std::string_view pem) {
  constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----", kEnd = "-----END CERTIFICATE-----";
  const std::size_t from = pem.find(kBegin);
  if (from == std::string_view::npos) return std::nullopt;
  const std::size_t to = pem.find(kEnd, from);
  if (to == std::string_view::npos) return std::nullopt;
  auto der = base64_decode(pem.substr(from + kBegin.size(), to - from - kBegin.size()));
  if (der && der->empty()) return std::nullopt;
  return der;
}

std::string unsigned_assertion(const AssertionFacts& f, const dso::sdk::Digest& thumbprint) {
  // none of these texts needs escaping: ids were checked, the audience is a URL
  const std::string header = R"({"alg":"PS256","typ":"JWT","x5t#S256":")" + base64url(thumbprint) + "\"}";
  const std::string payload = R"({"aud":")" + f.audience + R"(","iss":")" + f.client_id + R"(","sub":")" + f.client_id +
                              R"(","jti":")" + f.id + R"(","nbf":)" + std::to_string(f.now_s - 60) + R"(,"iat":)" +
                              std::to_string(f.now_s) + R"(,"exp":)" + std::to_string(f.now_s + 600) + "}";
  return base64url(header) + "." + base64url(payload);
}

Secret make_assertion(const dso::sdk::Host& host, std::string_view pem, const AssertionFacts& facts) {
  const auto der = first_certificate(pem);
  if (!der)
    throw Failure(DSO_E_CREDENTIALS_UNAVAILABLE, "the file holds no PEM certificate",
                  "It must hold the certificate and its unencrypted RSA key, both PEM.");
  const std::string text = unsigned_assertion(facts, host.sha256(view(*der)));
  Secret out = secret(text);
  out.push_back('.');
  std::string signature = base64url(host.sign(DSO_SIGN_PS256, pem, text));
  out.insert(out.end(), signature.begin(), signature.end());
  explicit_bzero(signature.data(), signature.size());  // good for a login for ten minutes
  return out;
}

}  // namespace azure
