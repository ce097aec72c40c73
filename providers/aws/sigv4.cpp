// The four steps of the specification, in its order.
#include "sigv4.h"

#include <algorithm>
#include <map>

#include "aws_text.h"

namespace aws {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

/// Without "." and "..", and without empty parts; a slash at the end stays.
std::string normalized(std::string_view path) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view part = path.substr(at, end - at);
    at = end + 1;
    if (part.empty() || part == ".") continue;
    if (part != "..")
      parts.push_back(part);
    else if (!parts.empty())
      parts.pop_back();
  }
  std::string out;
  for (const std::string_view part : parts) out += "/" + std::string(part);
  const bool folder = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
  if (out.empty() || folder) out += '/';
  return out;
}

std::string canonical_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  for (std::size_t at = 0; at < query.size();) {
    const std::size_t end = std::min(query.find('&', at), query.size());
    const std::string_view one = query.substr(at, end - at);
    const std::size_t equals = std::min(one.find('='), one.size());
    if (!one.empty())
      parameters.emplace_back(percent_encoded(percent_decoded(one.substr(0, equals))),
                              equals < one.size() ? percent_encoded(percent_decoded(one.substr(equals + 1))) : "");
    at = end + 1;
  }
  std::sort(parameters.begin(), parameters.end());
  std::string out;
  for (const auto& [name, value] : parameters) {
    if (!out.empty()) out += '&';
    out += name;
    out += '=';
    out += value;
  }
  return out;
}

/// Trimmed, and runs of white space are one blank.
void append_value(Secret& out, std::string_view value) {
  bool blank = false;
  for (const char c : trimmed(value)) {
    const bool space = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!space || !blank) out.push_back(space ? ' ' : c);
    blank = space;
  }
}

}  // namespace

Canonical canonical_request(const ToSign& request) {
  std::map<std::string, std::vector<std::string_view>> headers;
  for (const Header& h : request.headers) headers[lower(h.name)].push_back(h.value);

  Canonical out;
  append(out.text, request.method);
  append(out.text, "\n");
  std::string path = request.normalize_path ? normalized(request.path) : std::string(request.path);
  if (!request.encode_twice) path = percent_decoded(path);
  append_percent_encoded(out.text, path.empty() ? "/" : path, true);
  append(out.text, "\n" + canonical_query(request.query) + "\n");
  for (const auto& [name, values] : headers) {
    append(out.text, name + ":");
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i) append(out.text, ",");
      append_value(out.text, values[i]);
    }
    append(out.text, "\n");
    out.signed_headers += (out.signed_headers.empty() ? "" : ";") + name;
  }
  append(out.text, "\n" + out.signed_headers + "\n");
  append(out.text, request.payload_hash);
  return out;
}

std::string credential_scope(const ToSign& request) {
  return std::string(request.amz_date.substr(0, 8)) + "/" + std::string(request.region) + "/" + std::string(request.service) +
         "/aws4_request";
}

std::string string_to_sign(const Hashes& hashes, const ToSign& request, std::string_view canonical) {
  const auto digest = hashes.sha256(canonical);
  return std::string(kAlgorithm) + "\n" + std::string(request.amz_date) + "\n" + credential_scope(request) + "\n" +
         hex(digest.data(), digest.size());
}

Secret signing_key(const Hashes& hashes, std::string_view secret_access_key, const ToSign& request) {
  Secret key = secret("AWS4");
  append(key, secret_access_key);
  for (const std::string_view step :
       {request.amz_date.substr(0, 8), request.region, request.service, std::string_view("aws4_request")}) {
    auto digest = hashes.hmac_sha256(view(key), step);
    key.assign(digest.begin(), digest.end());
    explicit_bzero(digest.data(), digest.size());
  }
  return key;
}

std::string authorization(const Hashes& hashes, const ToSign& request, std::string_view access_key_id,
                          std::string_view secret_access_key) {
  const Canonical canonical = canonical_request(request);
  const Secret key = signing_key(hashes, secret_access_key, request);
  const auto signature = hashes.hmac_sha256(view(key), string_to_sign(hashes, request, view(canonical.text)));
  return std::string(kAlgorithm) + " Credential=" + std::string(access_key_id) + "/" + credential_scope(request) +
         ", SignedHeaders=" + canonical.signed_headers + ", Signature=" + hex(signature.data(), signature.size());
}

}  // namespace aws
