// The lists of one instance, and the checks. URLs are taken apart by the function that the HTTP client itself uses, so that what
// was checked is what is connected to.
#include "provider/egress.h"

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>

#include "logic/text.h"
#include "net/http_client.h"
#include "provider/kinds.h"

namespace dso {
namespace {

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

/// `text` is `pattern` with its one '*' filled by characters that `within` allows, at least one.
template <class Within>
bool fills(std::string_view pattern, std::string_view text, Within within) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  const std::string_view before = pattern.substr(0, star), after = pattern.substr(star + 1);
  if (text.size() <= before.size() + after.size() || !text.starts_with(before) || !text.ends_with(after)) return false;
  const std::string_view filling = text.substr(before.size(), text.size() - before.size() - after.size());
  return std::all_of(filling.begin(), filling.end(), within);
}

bool in_label(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}
bool in_file_name(char c) {
  return c > ' ' && c < 0x7f && c != '/';  // ASCII, whether a char has a sign (x86-64) or none (arm64)
}

const char* const kVaultDomains[] = {"vault.azure.net", "vault.azure.cn", "vault.usgovcloudapi.net"};

}  // namespace

std::vector<std::string> lent_kinds(const ProviderInstance& instance) {
  std::vector<std::string> out{instance.type};
  for (const char* cloud : {"aws", "azure"})
    if (instance.type == "vault" && boost::algorithm::iequals(instance.auth_method, cloud)) out.emplace_back(cloud);
  return out;
}

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
  for (const std::string& type : lent_kinds(instance)) {
    const Kind* kind = find_kind(type);
    if (!kind) continue;
    out.insert(out.end(), kind->origins.begin(), kind->origins.end());
    for (const auto& variable : kind->service_variables) add_origin(out, from_env(env, variable));
  }
  if (instance.type == "azure") add_origin(out, setting(instance, "authority_host"));
  if (const std::string name = setting(instance, "vault_name"); instance.type == "azure" && !name.empty())
    for (const char* domain : kVaultDomains) add_origin(out, "https://" + name + "." + domain);
  add_origins(out, setting(instance, "egress"));
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Result<std::string> check_egress(const std::string& url, const std::vector<std::string>& allowed) {
  DSO_TRY(std::string origin, origin_of(url));
  if (std::any_of(allowed.begin(), allowed.end(), [&](const std::string& a) { return fills(a, origin, in_label); }))
    return origin;
  Error e;
  e.cls = ErrorClass::access_denied;
  e.cause = "the provider asked for " + origin + ", which its config does not allow (";
  std::size_t shown = 0;
  for (const auto& a : allowed)  // those that a kind always has are many, and not what one would change
    if (a.find('*') == std::string::npos && a.find("169.254.") == std::string::npos && a.find("[fd00:") == std::string::npos)
      e.cause += (shown++ ? ", " : "") + a;
  if (!allowed.empty() && !shown) e.cause += "its kind's own addresses";
  e.cause += allowed.empty() ? "no address is configured)" : " only)";
  e.next = "If that is right, add it to the instance: egress: \"" + origin + "\".";
  return e;
}

std::optional<std::string> why_not_header(std::string_view name, std::string_view value, const std::string& url) {
  const std::string header = lower(name);
  if (header == "host") {
    const auto parts = parse_url(url);
    if (parts.has_error()) return "the URL is none";
    const std::string host = parts->host.find(':') == std::string::npos ? parts->host : "[" + parts->host + "]";
    const std::string given = lower(trim(value));
    const bool default_port = parts->port == (parts->scheme == "https" ? "443" : "80");
    if (given == host + ":" + parts->port || (default_port && given == host)) return std::nullopt;
    return "its header Host is not that of its URL, " + host + (default_port ? "" : ":" + parts->port);
  }
  constexpr std::string_view kOurs[] = {
      "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer", "expect", "http2-settings"};
  if (std::find(std::begin(kOurs), std::end(kOurs), header) != std::end(kOurs) || header.starts_with("proxy-"))
    return "the header '" + header + "' is the client's to set";
  return std::nullopt;
}

bool env_allowed(const std::string& type, std::string_view name) {
  if (const Kind* kind = find_kind(type))
    return std::find(kind->env_names.begin(), kind->env_names.end(), name) != kind->env_names.end() ||
           std::any_of(kind->env_prefixes.begin(), kind->env_prefixes.end(),
                       [name](const auto& p) { return name.starts_with(p); });
  std::string prefix;
  for (const char c : type) prefix += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return !prefix.empty() && name.starts_with(prefix + "_");
}

bool names_a_file(const std::string& type, std::string_view variable) {
  const Kind* kind = find_kind(type);
  if (!kind) return variable.ends_with("_FILE");
  return std::any_of(kind->file_suffixes.begin(), kind->file_suffixes.end(),
                     [variable](const auto& s) { return variable.ends_with(s); });
}

std::set<std::string> readable_files(const ProviderInstance& instance) {
  std::set<std::string> out;
  for (const auto* map : {&instance.settings, &instance.auth_params})
    for (const auto& [key, value] : *map)
      if (key.ends_with("_file") && !value.empty() && value.find('*') == std::string::npos) out.insert(value);
  for (const std::string& type : lent_kinds(instance))
    if (const Kind* kind = find_kind(type)) out.insert(kind->files.begin(), kind->files.end());
  return out;
}

std::set<std::string> proof_files(const ProviderInstance& instance) {
  std::set<std::string> out;
  for (const std::string& type : lent_kinds(instance))
    if (const Kind* kind = find_kind(type)) out.insert(kind->proofs.begin(), kind->proofs.end());
  if (instance.type != "azure") return out;
  for (const auto* map : {&instance.settings, &instance.auth_params})
    if (const auto folder = map->find("arc_key_dir");
        folder != map->end() && folder->second.starts_with('/') && folder->second.find('*') == std::string::npos)
      out.insert(folder->second + (folder->second.ends_with('/') ? "*.key" : "/*.key"));
  return out;
}

bool may_read(const std::string& path, const std::set<std::string>& allowed) {
  return std::any_of(allowed.begin(), allowed.end(), [&](const std::string& a) { return fills(a, path, in_file_name); });
}

std::string ignored_proxy(const ProviderInstance& instance, const EnvLookup& env) {
  if (instance.type == "local" || instance.type == "file" || !setting(instance, "proxy").empty()) return {};
  for (const char* name : {"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"})
    if (!from_env(env, name).empty()) return std::string(name) + " does not count: DSO goes by the instance's own `proxy` alone";
  return {};
}

TlsOptions tls_options(const ProviderInstance& instance, const EnvLookup& env) {
  TlsOptions out;
  out.ca_file = setting(instance, "ca_file");
  out.client_cert = setting(instance, "client_cert");
  out.client_key = setting(instance, "client_key");
  out.proxy = setting(instance, "proxy");
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
