// Strict: an unknown setting is an error with the nearest known one, since nobody else knows this provider's settings.
#include "vault_config.h"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>

namespace vault {
namespace {

using boost::json::object;
using dso::sdk::Failure;
using dso::sdk::Host;

// The first group is the host's business.
constexpr std::array<std::string_view, 17> kSettings{
    "ca_file", "client_cert", "client_key", "client_cert_file", "client_key_file", "proxy",
    "timeout", "retry",       "sandbox",    "address",          "vault_addr",      "namespace",
    "mount",   "kv_version",  "token",      "token_file",       "egress"};
constexpr std::array<std::string_view, 10> kParams{"token",     "token_file",     "role_id", "role_id_file",
                                                   "secret_id", "secret_id_file", "mount",   "secret_id_response_wrapping_path",
                                                   "address",   "namespace"};

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

template <class Known>
void check_keys(const object& o, const Known& known, std::string_view where) {
  for (const auto& member : o) {
    const std::string_view key(member.key().data(), member.key().size());
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    std::string_view nearest;
    for (const std::string_view k : known)
      if (edit_distance(k, key) <= 2) nearest = k;
    refuse("unknown " + std::string(where) + " '" + std::string(key) + "'",
           nearest.empty() ? "See providers/vault/README.md for the settings." : "Did you mean '" + std::string(nearest) + "'?");
  }
}

std::string_view trimmed(std::string_view s, std::string_view of) {
  const std::size_t from = s.find_first_not_of(of);
  return from == std::string_view::npos ? std::string_view() : s.substr(from, s.find_last_not_of(of) - from + 1);
}

/// Parameters of `auth` count before settings of the same name.
struct Source {
  const object* settings;
  const object* params;
  std::string_view text(std::string_view key) const {
    if (params)
      if (const auto s = string_at(*params, key); !s.empty()) return s;
    return settings ? string_at(*settings, key) : std::string_view();
  }
};

std::string address_of(const Host& host, const Source& from) {
  std::string_view a = from.text("address");
  if (a.empty()) a = from.text("vault_addr");
  if (a.empty()) a = host.env("VAULT_ADDR").value_or("");
  if (a.empty()) refuse("no address", "Set address: https://vault.example:8200 (or the variable VAULT_ADDR).");
  const bool plain = a.starts_with("http://");
  if (!plain && !a.starts_with("https://"))
    refuse("the address must begin with https:// or http://", "Write address: https://vault.example:8200.");
  const std::string_view rest = a.substr(plain ? 7 : 8);
  if (rest.empty() || rest.find_first_of("@?# \t\r\n") != std::string_view::npos)
    refuse("the address must be scheme, host and port", "Write address: https://vault.example:8200.");
  while (a.ends_with('/')) a.remove_suffix(1);
  if (a.ends_with("/v1")) a.remove_suffix(3);
  const bool local = rest.starts_with("127.") || rest.starts_with("localhost") || rest.starts_with("[::1]");
  if (plain && !local) host.log(DSO_LOG_WARN, "the address is http: token and secrets cross the network in the clear");
  return std::string(a);
}

int kv_version_of(const object* settings) {
  const boost::json::value* v = settings ? settings->if_contains("kv_version") : nullptr;
  if (!v) return 0;
  if (v->is_int64() && (v->get_int64() == 1 || v->get_int64() == 2)) return static_cast<int>(v->get_int64());
  if (v->is_string() && (v->get_string() == "1" || v->get_string() == "2")) return v->get_string()[0] - '0';
  refuse("kv_version must be 1 or 2", "Leave it out to have Vault asked.");
}

Settings::Method method_of(std::string_view name, const Source& from) {
  std::string lower(name);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (lower == "approle") return Settings::Method::approle;
  if (lower == "token") return Settings::Method::token;
  if (!lower.empty())
    refuse("the auth method '" + std::string(name) + "' is not one of this provider's",
           "Use token or approle; see providers/vault/README.md.");
  const bool has_role = !from.text("role_id").empty() || !from.text("role_id_file").empty();
  return has_role ? Settings::Method::approle : Settings::Method::token;
}

std::string file_of(const Source& from, std::string_view key) {
  const std::string_view path = from.text(key);
  if (!path.empty() && path.front() != '/')
    refuse("'" + std::string(key) + "' must be an absolute path", "Write it out: /root/.vault-token, not ~/.vault-token.");
  return std::string(path);
}

}  // namespace

Settings read_settings(const Host& host, std::string_view config) {
  const auto document = Document::parse(config);
  if (!document) refuse("the config is not a JSON object", "This is a mistake in the host.");
  const object* settings = object_at(document->root(), "settings");
  const object* auth = object_at(document->root(), "auth");
  const object* params = auth ? object_at(*auth, "params") : nullptr;
  if (settings) check_keys(*settings, kSettings, "setting");
  if (params) check_keys(*params, kParams, "auth parameter");
  const Source from{settings, params};

  Settings s;
  s.address = address_of(host, from);
  std::string_view ns = from.text("namespace");
  if (ns.empty()) ns = host.env("VAULT_NAMESPACE").value_or("");
  s.ns = trimmed(ns, "/ ");
  s.mount = settings ? trimmed(string_at(*settings, "mount"), "/ ") : "";
  s.kv_version = kv_version_of(settings);
  if (params && !string_at(*params, "mount").empty()) s.auth_mount = trimmed(string_at(*params, "mount"), "/ ");

  s.method = method_of(auth ? string_at(*auth, "method") : "", from);
  if (s.method == Settings::Method::approle) {
    s.role_id = secret(from.text("role_id"));
    s.role_id_file = file_of(from, "role_id_file");
    s.secret_id = secret(from.text("secret_id"));
    s.secret_id_file = file_of(from, "secret_id_file");
    s.wrapping_path = trimmed(from.text("secret_id_response_wrapping_path"), "/ ");
    if (s.role_id.empty() && s.role_id_file.empty())
      refuse("approle needs a role id", "Set auth.params.role_id or role_id_file.");
    if (!s.secret_id.empty() && !s.secret_id_file.empty()) refuse("secret_id and secret_id_file exclude each other");
    return s;
  }
  s.token = secret(from.text("token"));
  s.token_file = file_of(from, "token_file");
  if (!s.token.empty() && !s.token_file.empty()) refuse("token and token_file exclude each other");
  if (s.token.empty() && s.token_file.empty()) {
    s.token = secret(host.env("VAULT_TOKEN").value_or(""));
    s.token_from_env = !s.token.empty();
  }
  return s;
}

}  // namespace vault
