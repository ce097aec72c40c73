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

HttpResponse Client::request(const Call& call, std::string_view url) const {
  HttpRequest r{.method = call.method, .url = url, .body = call.body, .timeout_ms = call.timeout_ms};
  r.header("X-Vault-Request", "true");  // Vault Agent and proxies ask for it against forged requests
  r.header("Accept", "application/json");
  if (!call.token.empty()) r.header("X-Vault-Token", call.token);
  if (!settings_.ns.empty()) r.header("X-Vault-Namespace", settings_.ns);
  if (!call.body.empty()) r.header("Content-Type", "application/json");
  try {
    return host_.http(r);
  } catch (Failure& f) {
    if (f.next_step.empty() && f.cls == DSO_E_NETWORK)
      f.next_step = "Check that " + settings_.address + " is right and reachable from this host.";
    if (f.next_step.empty() && f.cls == DSO_E_TLS)
      f.next_step =
          "Set ca_file (or VAULT_CACERT) to the CA that signed Vault's certificate, and address to a name that the certificate "
          "holds.";
    throw;
  }
}

Reply Client::send(const Call& call) const {
  std::string url = settings_.address + "/v1/" + std::string(call.path);
  HttpResponse response = request(call, url);
  if (response.status() == 307 || response.status() == 308) {
    const std::string target = redirect_target(url, response.header("location"));
    if (!target.empty()) {
      try {
        response = request(call, target);
      } catch (Failure& f) {
        // The host's egress list decides where a token may go; it derives from the address that the operator wrote.
        const std::string origin = target.substr(0, target.find('/', 8));
        f.message = "a standby node points to " + origin + ": " + f.message;
        if (f.cls == DSO_E_ACCESS_DENIED)
          f.next_step = "Set address to the active node or its load balancer, or allow this one: egress: \"" + origin + "\".";
        throw;
      }
    }
  }
  Reply reply;
  reply.status = response.status();
  reply.body = response.body();
  reply.retry_after = response.header("retry-after");
  reply.document = Document::parse(reply.body);
  reply.facts = facts_of(reply.document);
  return reply;
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
