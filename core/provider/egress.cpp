// The table of kinds and the checks. URLs are taken apart by the function that the HTTP client itself uses, so that what was
// checked is what is connected to.
#include "provider/egress.h"

#include <algorithm>
#include <array>

#include "net/http_client.h"

namespace dso {
namespace {

struct Kind {
  std::string_view type;
  std::vector<std::string> env_prefixes;
  std::vector<std::string> address_variables;  // the first that is set counts
  std::string ca_variable, cert_variable, key_variable;
};

const Kind* find_kind(std::string_view type) {
  static const std::array kKinds{
      Kind{"vault", {"VAULT_"}, {"VAULT_ADDR"}, "VAULT_CACERT", "VAULT_CLIENT_CERT", "VAULT_CLIENT_KEY"},
      Kind{"aws", {"AWS_"}, {"AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL"}, "AWS_CA_BUNDLE", "", ""},
      Kind{"azure", {"AZURE_", "IDENTITY_", "MSI_"}, {}, "", "", ""},
  };
  const auto found = std::find_if(kKinds.begin(), kKinds.end(), [type](const Kind& k) { return k.type == type; });
  return found == kKinds.end() ? nullptr : &*found;
}

std::string setting(const ProviderInstance& instance, const std::string& key) {
  const auto it = instance.settings.find(key);
  return it == instance.settings.end() ? std::string() : it->second;
}

std::string from_env(const EnvLookup& env, const std::string& name) {
  const char* value = name.empty() ? nullptr : env(name);
  return value ? value : "";
}

Result<std::string> origin_of(const std::string& url) {
  DSO_TRY(const UrlParts parts, parse_url(url));
  if (parts.scheme != "http" && parts.scheme != "https") {
    Error e;
    e.cls = ErrorClass::access_denied;
    e.cause = "a provider may only ask for http and https URLs";
    return e;
  }
  return parts.origin();
}

void add_origin(std::vector<std::string>& out, std::string url) {
  url.erase(0, url.find_first_not_of(" \t"));
  url.erase(url.find_last_not_of(" \t") + 1);
  if (url.empty()) return;
  if (auto origin = origin_of(url); origin.has_value()) out.push_back(std::move(*origin));
}

void add_origins(std::vector<std::string>& out, const std::string& list) {
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t comma = std::min(list.find(',', at), list.size());
    add_origin(out, list.substr(at, comma - at));
    at = comma + 1;
  }
}

}  // namespace

std::vector<std::string> egress_origins(const ProviderInstance& instance, const EnvLookup& env) {
  std::vector<std::string> out;
  bool addressed = false;
  for (const char* key : {"address", "vault_addr", "endpoint"}) {
    const std::string url = setting(instance, key);
    if (url.empty()) continue;
    addressed = true;
    add_origin(out, url);
  }
  if (const Kind* kind = find_kind(instance.type); kind && !addressed) {
    for (const auto& variable : kind->address_variables) {
      const std::string url = from_env(env, variable);
      if (url.empty()) continue;
      add_origin(out, url);
      break;
    }
  }
  add_origins(out, setting(instance, "egress"));
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Result<std::string> check_egress(const std::string& url, const std::vector<std::string>& allowed) {
  DSO_TRY(std::string origin, origin_of(url));
  if (std::binary_search(allowed.begin(), allowed.end(), origin)) return origin;
  Error e;
  e.cls = ErrorClass::access_denied;
  e.cause = "the provider asked for " + origin + ", which its config does not allow (";
  for (const auto& a : allowed) e.cause += (&a == &allowed.front() ? "" : ", ") + a;
  e.cause += allowed.empty() ? "no address is configured)" : " only)";
  e.next = "If that is right, add it to the instance: egress: \"" + origin + "\".";
  return e;
}

bool env_allowed(const std::string& type, std::string_view name) {
  if (const Kind* kind = find_kind(type))
    return std::any_of(kind->env_prefixes.begin(), kind->env_prefixes.end(),
                       [name](const auto& p) { return name.starts_with(p); });
  std::string prefix;
  for (const char c : type) prefix += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return !prefix.empty() && name.starts_with(prefix + "_");
}

std::set<std::string> readable_files(const ProviderInstance& instance) {
  std::set<std::string> out;
  for (const auto* map : {&instance.settings, &instance.auth_params})
    for (const auto& [key, value] : *map)
      if (key.ends_with("_file") && !value.empty()) out.insert(value);
  return out;
}

TlsOptions tls_options(const ProviderInstance& instance, const EnvLookup& env) {
  TlsOptions out;
  out.ca_file = setting(instance, "ca_file");
  out.client_cert = setting(instance, "client_cert");
  out.client_key = setting(instance, "client_key");
  const Kind* kind = find_kind(instance.type);
  if (!kind) return out;
  if (out.ca_file.empty()) out.ca_file = from_env(env, kind->ca_variable);
  if (out.client_cert.empty() && out.client_key.empty()) {  // a pair belongs together
    out.client_cert = from_env(env, kind->cert_variable);
    out.client_key = from_env(env, kind->key_variable);
  }
  return out;
}

}  // namespace dso
