// Plain http to the machine's own addresses, as all of these endpoints are.
#include "managed_identity.h"

#include <algorithm>

#include "azure_text.h"
#include "challenge.h"

namespace azure {

using dso::sdk::Failure;
using dso::sdk::HttpRequest;
using dso::sdk::HttpResponse;

namespace {

constexpr std::string_view kVmPath = "/metadata/identity/oauth2/token";
constexpr std::int64_t kProbeMs = 1000, kAloneMs = 2000;
constexpr std::size_t kMaxKey = 4096;

std::string_view kind_text(Endpoint kind) {
  switch (kind) {
    case Endpoint::vm: return "VM";
    case Endpoint::app_service: return "App Service";
    case Endpoint::arc: return "Arc";
  }
  return {};
}

const std::string& asked_for(const Managed& who) {
  if (!who.client_id.empty()) return who.client_id;
  return who.object_id.empty() ? who.resource_id : who.object_id;
}

}  // namespace

ManagedEndpoint managed_endpoint(const EndpointVariables& v) {
  if (!v.identity_endpoint.empty() && v.has_header) {
    if (!v.thumbprint.empty())
      throw Failure(DSO_E_UNSUPPORTED, "Service Fabric's managed identity is not offered",
                    "Use workload_identity, client_certificate or client_secret.");
    return {Endpoint::app_service, v.identity_endpoint};
  }
  if (!v.identity_endpoint.empty() && !v.imds_endpoint.empty()) return {Endpoint::arc, v.identity_endpoint};
  std::string base = v.pod_authority.empty() ? "http://169.254.169.254" : v.pod_authority;
  while (base.ends_with('/')) base.pop_back();
  if (!base.ends_with(kVmPath)) base += kVmPath;
  return {Endpoint::vm, base};
}

std::string managed_url(const ManagedEndpoint& endpoint, const Managed& who, std::string_view resource) {
  const bool vm = endpoint.kind == Endpoint::vm;
  std::string url = endpoint.url + (endpoint.url.find('?') == std::string::npos ? "?" : "&");
  url += endpoint.kind == Endpoint::vm            ? "api-version=2018-02-01"
         : endpoint.kind == Endpoint::app_service ? "api-version=2019-08-01"
                                                  : "api-version=2020-06-01";
  url += "&resource=" + percent_encode(resource);
  if (!who.client_id.empty()) url += "&client_id=" + percent_encode(who.client_id);
  if (!who.object_id.empty()) url += (vm ? "&object_id=" : "&principal_id=") + percent_encode(who.object_id);
  if (!who.resource_id.empty()) url += (vm ? "&msi_res_id=" : "&mi_res_id=") + percent_encode(who.resource_id);
  return url;
}

bool is_arc_key(std::string_view path, std::string_view folder) {
  if (folder.empty() || !path.starts_with(folder)) return false;
  std::string_view name = path.substr(folder.size());
  if (!name.starts_with('/')) return false;
  name.remove_prefix(1);
  return name.size() > 4 && name.ends_with(".key") && name.find('/') == std::string_view::npos && !name.starts_with('.');
}

struct ManagedCredential::Answer {
  int status = 0;
  std::optional<Document> document;
  Facts facts;
  std::string challenge;
};

Identity ManagedCredential::identity() const {
  const std::string where = endpoint_ ? " (" + std::string(kind_text(endpoint_->kind)) + ")" : "";
  const std::string& id = seen_client_id_.empty() ? asked_for(who_) : seen_client_id_;
  return {id.empty() ? "the machine's managed identity" + where : "managed identity " + id + where, id};
}

const ManagedEndpoint& ManagedCredential::endpoint() {
  if (endpoint_) return *endpoint_;
  const auto get = [this](std::string_view name) { return std::string(trimmed(host_.env(name).value_or(""))); };
  identity_header_ = secret(trimmed(host_.env("IDENTITY_HEADER").value_or("")));
  endpoint_ = managed_endpoint({.identity_endpoint = get("IDENTITY_ENDPOINT"),
                                .has_header = !identity_header_.empty(),
                                .imds_endpoint = get("IMDS_ENDPOINT"),
                                .pod_authority = get("AZURE_POD_IDENTITY_AUTHORITY_HOST"),
                                .thumbprint = get("IDENTITY_SERVER_THUMBPRINT")});
  // In the default chain the id may well be meant for another link.
  if (endpoint_->kind == Endpoint::arc && alone_ && !asked_for(who_).empty())
    throw Failure(DSO_E_INVALID_REQUEST, "Arc knows only the machine's own identity",
                  "Leave managed_identity_client_id and AZURE_CLIENT_ID out.");
  return *endpoint_;
}

/// Off Azure nobody answers there, and packets may vanish: a short question without the header that a token needs, to which
/// the real one answers 400.
void ManagedCredential::probe() {
  if (answered_ || endpoint().kind != Endpoint::vm) return;
  HttpRequest r{.url = endpoint_->url, .timeout_ms = alone_ ? kAloneMs : kProbeMs};
  try {
    host_.http(r);
    answered_ = true;
  } catch (const Failure& f) {
    if (f.cls == DSO_E_ACCESS_DENIED) throw;  // the host's egress list
    throw Failure(
        DSO_E_CREDENTIALS_UNAVAILABLE, "no managed identity endpoint answers here (" + f.message + ")",
        "Run DSO on an Azure VM with an identity (in a container: with the host's network), or use another auth method.");
  }
}

ManagedCredential::Answer ManagedCredential::ask(const std::string& url, std::string_view authorization) {
  HttpRequest r{.url = url};
  if (endpoint_->kind == Endpoint::app_service)
    r.header("X-IDENTITY-HEADER", view(identity_header_));
  else
    r.header("Metadata", "true");
  if (!authorization.empty()) r.header("Authorization", authorization);
  const HttpResponse response = host_.http(r);
  Answer out{response.status(), Document::parse(response.body()), {}, std::string(response.header("www-authenticate"))};
  out.facts = facts_of(out.document);
  if (const auto id = response.header("x-ms-request-id"); !id.empty()) out.facts.request_id = id.substr(0, 64);
  out.facts.retry_after_ms = retry_after(response, host_.now_ms());
  return out;
}

/// The agent proves that we may read its key files: it names one, and takes what is in it.
ManagedCredential::Answer ManagedCredential::ask_arc(const std::string& url) {
  Answer first = ask(url, {});
  if (first.status != 401) return first;
  const std::string path = basic_realm(first.challenge);
  if (!is_arc_key(path, who_.arc_key_dir))
    throw Failure(DSO_E_CREDENTIALS_UNAVAILABLE, "the Arc endpoint names a file that is no key in " + who_.arc_key_dir,
                  "Check IDENTITY_ENDPOINT: who answers there is not the Arc agent.");
  std::string_view content;
  try {
    content = host_.read_file(path);
  } catch (Failure& f) {
    throw Failure(DSO_E_CREDENTIALS_UNAVAILABLE, "cannot read " + path + ": " + f.message,
                  "Let the user that DSO runs as read the agent's key files (group himds).");
  }
  if (content.size() > kMaxKey)
    throw Failure(DSO_E_CREDENTIALS_UNAVAILABLE, path + " is too large for a key", "Check the Arc agent: azcmagent check.");
  const Secret key = secret(trimmed(content));
  Secret header = secret("Basic ");
  header.insert(header.end(), key.begin(), key.end());
  return ask(url, view(header));
}

Token ManagedCredential::get(const Wanted& wanted) {
  try {
    probe();
    const std::string url = managed_url(endpoint(), endpoint_->kind == Endpoint::arc ? Managed{} : who_, wanted.resource);
    for (;;) {
      const Answer answer = endpoint_->kind == Endpoint::arc ? ask_arc(url) : ask(url, {});
      if (answer.status == 200) {
        failures_ = 0;
        answered_ = true;
        if (answer.document)
          if (const auto id = string_at(answer.document->root(), "client_id"); !id.empty()) seen_client_id_ = id.substr(0, 64);
        return token_of(answer.document, host_.now_ms(), identity());
      }
      Failure f = managed_failure(answer.status, answer.facts, endpoint_->kind, asked_for(who_), identity().text);
      const bool transient = f.cls == DSO_E_UNAVAILABLE || f.cls == DSO_E_THROTTLED;
      failures_ = transient ? failures_ + 1 : 0;
      const std::int64_t pause = imds_pause_ms(failures_, answer.status);
      // The pauses are the host's: it asks again after the hint. Only the first retry, which has none, is made here.
      if (transient && pause == 0 && f.retry_after_ms <= 0 && !host_.cancelled()) continue;
      f.retry_after_ms = std::max(f.retry_after_ms, pause);
      throw f;
    }
  } catch (Failure& f) {
    if (f.identity.empty()) f.identity = identity().text;
    throw;
  }
}

}  // namespace azure
