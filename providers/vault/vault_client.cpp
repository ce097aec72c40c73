// Builds the request, follows a standby node once, reads the answer's envelope.
#include "vault_client.h"

namespace vault {

using dso::sdk::Failure;
using dso::sdk::HttpRequest;
using dso::sdk::HttpResponse;

const boost::json::object& Reply::member(std::string_view key, const Context& context) const {
  const auto* object = document ? object_at(document->root(), key) : nullptr;
  if (!object)
    throw malformed(status, context,
                    document ? "the answer has no \"" + std::string(key) + "\"" : "the answer is not Vault's JSON");
  return *object;
}

HttpRequest Client::request(const Call& call, std::string_view url) const {
  HttpRequest r{.method = call.method, .url = url, .body = call.body, .timeout_ms = call.timeout_ms};
  r.header("X-Vault-Request", "true");  // Vault Agent and proxies ask for it against forged requests
  r.header("Accept", "application/json");
  if (!call.token.empty()) r.header("X-Vault-Token", call.token);
  if (!settings_.ns.empty()) r.header("X-Vault-Namespace", settings_.ns);
  if (!call.body.empty()) r.header("Content-Type", "application/json");
  return r;
}

Failure Client::advised(Failure f) const {
  if (f.next_step.empty() && f.cls == DSO_E_NETWORK)
    f.next_step = "Check that " + settings_.address + " is right and reachable from this host.";
  if (f.next_step.empty() && f.cls == DSO_E_TLS)
    f.next_step =
        "Set ca_file (or VAULT_CACERT) to the CA that signed Vault's certificate, and address to a name that the certificate "
        "holds.";
  return f;
}

Reply Client::reply_of(const HttpResponse& response) {
  Reply reply;
  reply.status = response.status();
  reply.body = response.body();
  reply.retry_after = response.header("retry-after");
  reply.document = Document::parse(reply.body);
  reply.facts = facts_of(reply.document);
  return reply;
}

namespace {

std::string redirected(const HttpResponse& response, std::string_view url) {
  const bool standby = response.status() == 307 || response.status() == 308;
  return standby ? redirect_target(url, response.header("location")) : std::string();
}

/// The host's egress list decides where a token may go; it derives from the address that the operator wrote.
Failure beyond(Failure f, std::string_view target) {
  const std::string origin(target.substr(0, target.find('/', 8)));
  f.message = "a standby node points to " + origin + ": " + f.message;
  if (f.cls == DSO_E_ACCESS_DENIED)
    f.next_step = "Set address to the active node or its load balancer, or allow this one: egress: \"" + origin + "\".";
  return f;
}

}  // namespace

Reply Client::send(const Call& call) const {
  std::string url = settings_.address + "/v1/" + std::string(call.path);
  std::string target;
  try {
    const HttpResponse response = host_.http(request(call, url));
    target = redirected(response, url);
    if (target.empty()) return reply_of(response);
    return reply_of(host_.http(request(call, target)));
  } catch (Failure& f) {
    Failure out = advised(std::move(f));
    throw target.empty() ? std::move(out) : beyond(std::move(out), target);
  }
}

const Reply& Client::Outcome::reply() const {
  if (failure_) throw Failure(*failure_);
  return reply_;
}

void Client::send_all(std::span<const Call> calls, const Each& each) const {
  struct Asked {
    std::size_t call;
    std::string url;
  };
  const auto round = [&](const std::vector<Asked>& asked, const std::function<void(const Asked&, const HttpResponse&)>& answered,
                         const std::function<Failure(Failure, const Asked&)>& failed) {
    std::vector<HttpRequest> requests;
    requests.reserve(asked.size());
    for (const Asked& a : asked) requests.push_back(request(calls[a.call], a.url));
    host_.http_all(requests, [&](std::size_t i, const dso::sdk::HttpAnswer& answer) {
      std::optional<Failure> failure;
      try {
        return answered(asked[i], answer.response());
      } catch (Failure& f) {
        failure = failed(advised(std::move(f)), asked[i]);
      }
      each(asked[i].call, Outcome(std::move(*failure)));
    });
  };
  std::vector<Asked> first, elsewhere;
  for (std::size_t i = 0; i < calls.size(); ++i) first.push_back({i, settings_.address + "/v1/" + std::string(calls[i].path)});
  round(
      first,
      [&](const Asked& a, const HttpResponse& response) {
        std::string target = redirected(response, a.url);
        if (!target.empty())
          elsewhere.push_back({a.call, std::move(target)});
        else
          each(a.call, Outcome(reply_of(response)));
      },
      [](Failure f, const Asked&) { return f; });
  if (elsewhere.empty()) return;
  round(
      elsewhere, [&](const Asked& a, const HttpResponse& response) { each(a.call, Outcome(reply_of(response))); },
      [](Failure f, const Asked& a) { return beyond(std::move(f), a.url); });
}

Reply Client::send(const Call& call, const Context& context) const {
  Reply reply = send(call);
  if (!reply.ok()) throw failure_of(reply.status, reply.facts, context, reply.retry_after);
  return reply;
}

std::string redirect_target(std::string_view url, std::string_view location) {
  const std::size_t path = url.find('/', url.find("://") + 3);
  if (location.starts_with('/') && !location.starts_with("//")) return std::string(url.substr(0, path)) + std::string(location);
  if (location.starts_with("https://")) return std::string(location);
  if (location.starts_with("http://") && url.starts_with("http://")) return std::string(location);
  return {};
}

std::string encode_path(std::string_view path) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

}  // namespace vault
