// Strict: an unknown setting is an error with the nearest known one, since nobody else knows this provider's settings.
#include "azure_config.h"

#include <algorithm>
#include <array>

#include "azure_config_read.h"
#include "azure_text.h"

namespace azure {
namespace {

using boost::json::object;
using dso::sdk::Host;

// The first group is the host's business. The second counts as settings and as parameters of auth.
constexpr std::array<std::string_view, 10> kHostSettings{"ca_file",         "client_cert", "client_key", "client_cert_file",
                                                         "client_key_file", "proxy",       "timeout",    "retry",
                                                         "sandbox",         "egress"};
constexpr std::array<std::string_view, 15> kOwn{"address",
                                                "vault_name",
                                                "vault_url",
                                                "authority_host",
                                                "verify_challenge_resource",
                                                "tenant_id",
                                                "client_id",
                                                "client_secret",
                                                "client_secret_file",
                                                "client_certificate_file",
                                                "federated_token_file",
                                                "managed_identity_client_id",
                                                "managed_identity_object_id",
                                                "managed_identity_resource_id",
                                                "arc_key_dir"};

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::array<std::size_t, 64> row{};
  if (a.size() > 60 || b.size() > 60) return 60;
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replace});
    }
  }
  return row[b.size()];
}

void check_keys(const object* o, bool of_host_too, std::string_view where) {
  if (!o) return;
  for (const auto& member : *o) {
    const std::string_view key(member.key().data(), member.key().size());
    if (std::find(kOwn.begin(), kOwn.end(), key) != kOwn.end()) continue;
    if (of_host_too && std::find(kHostSettings.begin(), kHostSettings.end(), key) != kHostSettings.end()) continue;
    std::string_view nearest;
    for (const std::string_view k : kOwn)
      if (edit_distance(k, key) <= 2) nearest = k;
    refuse("unknown " + std::string(where) + " '" + std::string(key) + "'",
           nearest.empty() ? "See providers/azure/README.md for the settings." : "Did you mean '" + std::string(nearest) + "'?");
  }
}

std::string authority_from(std::string text) {
  if (text.find("://") == std::string::npos) text = "https://" + text;
  const auto url = parse_https(text);
  if (!url) refuse("the login host must be an https URL", "Write AZURE_AUTHORITY_HOST=https://login.microsoftonline.com.");
  return url->origin();
}

void read_address(const Host& host, const Given& given, Settings& s) {
  std::string authority(given.text("authority_host"));
  if (authority.empty()) authority = variable(host, "AZURE_AUTHORITY_HOST");
  if (!authority.empty()) s.authority = authority_from(authority);

  std::string address(given.text("address"));
  if (address.empty()) address = given.text("vault_url");
  if (const std::string_view name = given.text("vault_name"); address.empty() && !name.empty()) {
    if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != std::string_view::npos)
      refuse("vault_name is no vault's name", "Letters, digits and '-'; or write address: https://NAME.vault.azure.net.");
    const auto url = parse_https(s.authority);
    address = "https://" + std::string(name) + "." + vault_domain_of_cloud(url ? url->host : "");
  }
  if (address.empty()) refuse("no address", "Set address: https://NAME.vault.azure.net.");
  const auto url = parse_https(address);
  if (!url || url->path.find_first_not_of('/') != std::string::npos)
    refuse("the address must be https, host and port", "Write address: https://NAME.vault.azure.net.");
  s.origin = url->origin();
  s.host = url->host;
  s.vault = url->host.substr(0, url->host.find('.'));
  if (s.authority.empty()) s.authority = authority_of_cloud(s.host);
}

bool flag_of(const Given& given, std::string_view key, bool otherwise) {
  for (const object* o : {given.params, given.settings})
    if (o && bool_at(*o, key)) return true;
  const std::string_view text = given.text(key);
  if (text == "true") return true;
  const boost::json::value* v = given.settings ? given.settings->if_contains(key) : nullptr;
  if (text == "false" || (v && v->is_bool())) return false;
  if (text.empty()) return otherwise;
  refuse("'" + std::string(key) + "' must be true or false");
}

}  // namespace

void refuse(std::string message, std::string next) {
  throw dso::sdk::Failure(DSO_E_INVALID_REQUEST, std::move(message), std::move(next));
}

std::string_view Given::text(std::string_view key) const {
  for (const object* o : {params, settings})
    if (o)
      if (const auto s = trimmed(string_at(*o, key)); !s.empty()) return s;
  return {};
}

std::string Given::file(std::string_view key) const {
  const std::string_view path = text(key);
  if (!path.empty() && path.front() != '/')
    refuse("'" + std::string(key) + "' must be an absolute path", "Write it out: /run/keys/azure.");
  return std::string(path);
}

std::string variable(const Host& host, std::string_view name) {
  return std::string(trimmed(host.env(name).value_or("")));
}

std::string checked_id(std::string value, std::string_view what) {
  for (const char c : value)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.'))
      refuse("the " + std::string(what) + " holds characters that no such id has", "It is a GUID, or for a tenant a domain.");
  return value;
}

std::string authority_of_cloud(std::string_view vault_host) {
  if (vault_host.ends_with(".vault.azure.cn")) return "https://login.chinacloudapi.cn";
  if (vault_host.ends_with(".vault.usgovcloudapi.net")) return "https://login.microsoftonline.us";
  return "https://login.microsoftonline.com";
}

std::string vault_domain_of_cloud(std::string_view authority_host) {
  if (authority_host == "login.chinacloudapi.cn" || authority_host == "login.partner.microsoftonline.cn") return "vault.azure.cn";
  if (authority_host == "login.microsoftonline.us") return "vault.usgovcloudapi.net";
  return "vault.azure.net";
}

Settings read_settings(const Host& host, std::string_view config) {
  const auto document = Document::parse(config);
  if (!document) refuse("the config is not a JSON object", "This is a mistake in the host.");
  const object* settings = object_at(document->root(), "settings");
  const object* auth = object_at(document->root(), "auth");
  const object* params = auth ? object_at(*auth, "params") : nullptr;
  check_keys(settings, true, "setting");
  check_keys(params, false, "auth parameter");
  const Given given{settings, params};

  Settings s;
  read_address(host, given, s);
  s.verify_challenge_resource = flag_of(given, "verify_challenge_resource", true);
  s.managed.client_id = checked_id(std::string(given.text("managed_identity_client_id")), "managed_identity_client_id");
  s.managed.object_id = checked_id(std::string(given.text("managed_identity_object_id")), "managed_identity_object_id");
  s.managed.resource_id = given.text("managed_identity_resource_id");
  const int identities = !s.managed.client_id.empty() + !s.managed.object_id.empty() + !s.managed.resource_id.empty();
  if (identities > 1) refuse("managed_identity_client_id, _object_id and _resource_id exclude each other");
  if (std::string folder = given.file("arc_key_dir"); !folder.empty()) {
    while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
    s.managed.arc_key_dir = std::move(folder);
  }
  read_method(host, given, auth ? string_at(*auth, "method") : "", s);
  return s;
}

}  // namespace azure
