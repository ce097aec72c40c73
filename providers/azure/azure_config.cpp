// Strict: an unknown setting is an error with the nearest known one, since nobody else knows this provider's settings.
#include "azure_config.h"

#include <algorithm>
#include <array>

#include "azure_text.h"

namespace azure {
namespace {

using boost::json::object;
using dso::sdk::Failure;
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

[[noreturn]] void refuse(std::string message, std::string next = {}) {
  throw Failure(DSO_E_INVALID_REQUEST, std::move(message), std::move(next));
}

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

/// Parameters of `auth` count before settings of the same name.
struct Given {
  const object* settings;
  const object* params;
  std::string_view text(std::string_view key) const {
    for (const object* o : {params, settings})
      if (o)
        if (const auto s = trimmed(string_at(*o, key)); !s.empty()) return s;
    return {};
  }
  std::string file(std::string_view key) const {
    const std::string_view path = text(key);
    if (!path.empty() && path.front() != '/')
      refuse("'" + std::string(key) + "' must be an absolute path", "Write it out: /run/keys/azure.");
    return std::string(path);
  }
};

std::string variable(const Host& host, std::string_view name) {
  return std::string(trimmed(host.env(name).value_or("")));
}

std::string checked_id(std::string value, std::string_view what) {
  for (const char c : value)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.'))
      refuse("the " + std::string(what) + " holds characters that no such id has", "It is a GUID, or for a tenant a domain.");
  return value;
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

/// Tenant and client of the config, else of the environment.
Application application_of(const Host& host, const Given& given) {
  Application a;
  a.tenant_id = given.text("tenant_id");
  if (a.tenant_id.empty()) a.tenant_id = variable(host, "AZURE_TENANT_ID");
  a.client_id = given.text("client_id");
  if (a.client_id.empty()) a.client_id = variable(host, "AZURE_CLIENT_ID");
  checked_id(a.tenant_id, "tenant_id");
  checked_id(a.client_id, "client_id");
  return a;
}

bool take_secret(const Host& host, const Given& given, Application& a) {
  a.client_secret_file = given.file("client_secret_file");
  a.client_secret = secret(given.text("client_secret"));
  if (!a.client_secret_file.empty() && !a.client_secret.empty())
    refuse("client_secret and client_secret_file exclude each other");
  a.source = a.client_secret_file.empty() ? "client_secret" : a.client_secret_file;
  if (a.client_secret_file.empty() && a.client_secret.empty()) {
    a.client_secret = secret(trimmed(host.env("AZURE_CLIENT_SECRET").value_or("")));
    a.source = "AZURE_CLIENT_SECRET";
  }
  return !a.client_secret_file.empty() || !a.client_secret.empty();
}

bool take_file(const Host& host, const Given& given, std::string_view key, std::string_view variable_name, std::string& path,
               Application& a) {
  path = given.file(key);
  if (path.empty()) path = variable(host, variable_name);
  a.source = path;
  return !path.empty();
}

void need_client(const Application& a) {
  if (a.client_id.empty())
    refuse("this auth method needs client_id", "Set auth.params.client_id (or the variable AZURE_CLIENT_ID).");
}

/// "EnvironmentCredential" and the like, which the SDKs call the links of their chain.
struct Allowed {
  bool environment = true, workload = true, managed = true;
};
Allowed allowed_by(std::string_view selection) {
  const std::string s = lower_case(selection);
  if (s.empty() || s == "prod") return {};
  if (s == "environmentcredential") return {true, false, false};
  if (s == "workloadidentitycredential") return {false, true, false};
  if (s == "managedidentitycredential") return {false, false, true};
  refuse("AZURE_TOKEN_CREDENTIALS selects a credential that DSO does not offer",
         "Use prod, EnvironmentCredential, WorkloadIdentityCredential or ManagedIdentityCredential, or set auth.method.");
}

void read_chain(const Host& host, const Given& given, Settings& s) {
  const Allowed allowed = allowed_by(variable(host, "AZURE_TOKEN_CREDENTIALS"));
  const Application base = application_of(host, given);
  const auto note = [&s](std::string_view text) { s.looked_for += (s.looked_for.empty() ? "" : "; ") + std::string(text); };
  if (allowed.environment) {
    Application a = base;
    const bool proof = take_secret(host, given, a) ||
                       take_file(host, given, "client_certificate_file", "AZURE_CLIENT_CERTIFICATE_PATH", a.certificate_file, a);
    if (proof && !a.client_id.empty())
      s.chain.push_back({a});
    else
      note("no AZURE_CLIENT_ID with AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH");
  }
  if (allowed.workload) {
    Application a = base;
    if (take_file(host, given, "federated_token_file", "AZURE_FEDERATED_TOKEN_FILE", a.federated_token_file, a) &&
        !a.client_id.empty())
      s.chain.push_back({a});
    else
      note("no AZURE_FEDERATED_TOKEN_FILE with AZURE_CLIENT_ID");
  }
  if (allowed.managed) {
    if (s.managed.client_id.empty() && s.managed.object_id.empty() && s.managed.resource_id.empty())
      s.managed.client_id = base.client_id;
    s.chain.push_back({});
  }
}

void read_method(const Host& host, const Given& given, std::string_view method, Settings& s) {
  std::string name = lower_case(method);
  if (name.empty() && (!given.text("client_secret").empty() || !given.text("client_secret_file").empty())) name = "client_secret";
  if (name.empty() && !given.text("client_certificate_file").empty()) name = "client_certificate";
  if (name.empty() || name == "default") return read_chain(host, given, s);
  if (name == "managed_identity") {
    s.chain.push_back({});
    return;
  }
  Application a = application_of(host, given);
  if (name == "client_secret") {
    if (!take_secret(host, given, a))
      refuse("client_secret needs a secret", "Set auth.params.client_secret_file (or the variable AZURE_CLIENT_SECRET).");
  } else if (name == "client_certificate") {
    if (!take_file(host, given, "client_certificate_file", "AZURE_CLIENT_CERTIFICATE_PATH", a.certificate_file, a))
      refuse("client_certificate needs a file", "Set auth.params.client_certificate_file: a PEM with certificate and RSA key.");
  } else if (name == "workload_identity") {
    if (!take_file(host, given, "federated_token_file", "AZURE_FEDERATED_TOKEN_FILE", a.federated_token_file, a))
      refuse("workload_identity needs a token file", "Set auth.params.federated_token_file (or AZURE_FEDERATED_TOKEN_FILE).");
  } else {
    refuse(
        "the auth method '" + std::string(method) + "' is not one of this provider's",
        "Use client_secret, client_certificate, workload_identity, managed_identity or default; see providers/azure/README.md.");
  }
  need_client(a);
  s.chain.push_back({std::move(a)});
}

}  // namespace

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
