// Strict: an unknown setting is an error with the nearest known one, since nobody else knows this provider's settings.
#include "vault_config.h"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>

#include "vault_config_read.h"

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

}  // namespace

void refuse(std::string message, std::string next) {
  throw Failure(DSO_E_INVALID_REQUEST, std::move(message), std::move(next));
}

std::string_view trimmed(std::string_view s, std::string_view of) {
  const std::size_t from = s.find_first_not_of(of);
  return from == std::string_view::npos ? std::string_view() : s.substr(from, s.find_last_not_of(of) - from + 1);
}

std::string suggestion(std::string_view unknown, std::span<const std::string_view> known) {
  for (const std::string_view k : known)
    if (edit_distance(k, unknown) <= 2) return "Did you mean '" + std::string(k) + "'?";
  return "See providers/vault/README.md for the settings.";
}

std::string_view Source::text(std::string_view key) const {
  if (params)
    if (const auto s = string_at(*params, key); !s.empty()) return s;
  return settings ? string_at(*settings, key) : std::string_view();
}

std::string Source::file(std::string_view key) const {
  const std::string_view path = text(key);
  if (!path.empty() && path.front() != '/')
    refuse("'" + std::string(key) + "' must be an absolute path", "Write it out: /root/.vault-token, not ~/.vault-token.");
  return std::string(path);
}

Settings read_settings(const Host& host, std::string_view config) {
  const auto document = Document::parse(config);
  if (!document) refuse("the config is not a JSON object", "This is a mistake in the host.");
  const object* settings = object_at(document->root(), "settings");
  const object* auth = object_at(document->root(), "auth");
  const object* params = auth ? object_at(*auth, "params") : nullptr;
  if (settings)
    for (const auto& member : *settings)
      if (const std::string_view key(member.key().data(), member.key().size());
          std::find(kSettings.begin(), kSettings.end(), key) == kSettings.end())
        refuse("unknown setting '" + std::string(key) + "'", suggestion(key, kSettings));
  const Source from{settings, params};

  Settings s;
  s.address = address_of(host, from);
  std::string_view ns = from.text("namespace");
  if (ns.empty()) ns = host.env("VAULT_NAMESPACE").value_or("");
  s.ns = trimmed(ns, "/ ");
  s.mount = settings ? trimmed(string_at(*settings, "mount"), "/ ") : "";
  s.kv_version = kv_version_of(settings);
  read_auth(host, auth ? string_at(*auth, "method") : "", from, s);
  return s;
}

}  // namespace vault
