// Builds, signs, sends, and learns the server's time.
#include "aws_client.h"

#include <algorithm>

#include "aws_text.h"

namespace aws {

using dso::sdk::Failure;
using dso::sdk::HttpRequest;
using dso::sdk::HttpResponse;

namespace {

constexpr std::int64_t kSkewThatMatters = 4LL * 60 * 1000;

}  // namespace

std::string host_header(std::string_view origin) {
  std::string_view host = origin.substr(origin.find("://") + 3);
  if (origin.starts_with("https://") && host.ends_with(":443")) host.remove_suffix(4);
  if (origin.starts_with("http://") && host.ends_with(":80")) host.remove_suffix(3);
  return std::string(host);
}

std::string signed_by(const Credentials& credentials, const dso::sdk::Host& host, ToSign request, std::string_view body) {
  const Hashes lent{.sha256 = [&host](std::string_view data) { return host.sha256(data); },
                    .hmac_sha256 = [&host](std::string_view key, std::string_view data) { return host.hmac_sha256(key, data); }};
  const auto digest = host.sha256(body);
  const std::string payload = hex(digest.data(), digest.size());
  request.payload_hash = payload;
  return authorization(lent, request, credentials.access_key_id, view(credentials.secret_access_key));
}

Reply Client::once(const Call& call, const Credentials* credentials, std::optional<std::int64_t>& skew) {
  const std::string url =
      std::string(call.origin) + std::string(call.path) + (call.query.empty() ? "" : "?" + std::string(call.query));
  const std::string host = host_header(call.origin), date = amz_date(now_ms());
  HttpRequest r{.method = call.method, .url = url, .body = call.body, .max_body_bytes = call.max_body_bytes};
  for (const Header& h : call.headers) r.header(h.name, h.value);
  std::string signature;
  if (credentials) {
    r.header("X-Amz-Date", date);
    if (!credentials->session_token.empty()) r.header("X-Amz-Security-Token", view(credentials->session_token));
    ToSign s{.method = call.method,
             .path = call.path,
             .query = call.query,
             .headers = {{"host", host}},
             .payload_hash = {},
             .region = call.region,
             .service = call.service,
             .amz_date = date};
    for (const dso_header& h : r.headers) s.headers.push_back({dso::sdk::from_c(h.name), dso::sdk::from_c(h.value)});
    signature = signed_by(*credentials, host_, std::move(s), call.body);
    r.header("Authorization", signature);
  }
  const std::int64_t sent = host_.now_ms();
  HttpResponse response = [&] {
    try {
      return host_.http(r);
    } catch (Failure& f) {
      if (f.next_step.empty() && f.cls == DSO_E_NETWORK)
        f.next_step = "Check the region" + (call.region.empty() ? "" : " (" + std::string(call.region) + ")") + " and that " +
                      std::string(call.origin) + " is reachable from this host: route, proxy or VPC endpoint.";
      if (f.next_step.empty() && f.cls == DSO_E_TLS)
        f.next_step = "Set ca_file (or AWS_CA_BUNDLE) to the CA that signed the certificate of " + std::string(call.origin) + ".";
      if (credentials && f.identity.empty()) f.identity = credentials->identity;
      throw;
    }
  }();
  skew = skew_of(sent, host_.now_ms(), response.header("date"), response.header("age"));
  Reply reply;
  reply.status = response.status();
  reply.body = response.body();
  std::string_view id = response.header("x-amzn-requestid");
  if (id.empty()) id = response.header("x-amz-request-id");
  ErrorFacts facts = facts_of(reply.status,
                              {.error_type = response.header("x-amzn-errortype"),
                               .request_id = id,
                               .retry_after_ms = response.header("x-amz-retry-after"),
                               .retry_after_s = response.header("retry-after")},
                              reply.body);
  reply.request_id = facts.request_id;
  if (reply.status < 200 || reply.status >= 300) reply.error = std::move(facts);
  return reply;
}

Reply Client::send(const Call& call, const Credentials* credentials) {
  const std::int64_t before = skew_ms_;
  std::optional<std::int64_t> skew;
  Reply reply = once(call, credentials, skew);
  if (!skew) return reply;
  skew_ms_ = *skew;
  const std::int64_t change = std::max(skew_ms_ - before, before - skew_ms_);
  if (reply.ok() || !credentials || !may_be_skew(reply.error->code) || change <= kSkewThatMatters) return reply;
  host_.log(DSO_LOG_WARN, "this host's clock is " + std::to_string((skew_ms_ > 0 ? skew_ms_ : -skew_ms_) / 1000) + " s " +
                              (skew_ms_ > 0 ? "behind" : "ahead of") + " AWS's; requests are signed with AWS's time");
  Reply second = once(call, credentials, skew);
  if (skew) skew_ms_ = *skew;
  return second;
}

}  // namespace aws
