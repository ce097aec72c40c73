// What one provider instance may reach and read, from its config and its kind alone: origins, files, environment names, and
// what TLS trusts. Pure: the environment comes in as a function.
#pragma once
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/config.h"
#include "net/tls_context.h"

namespace dso {

/// The value of a variable of the agent's own environment; borrowed until the environment changes. Null: not set.
using EnvLookup = std::function<const char*(const std::string& name)>;

/// The kinds whose nature an instance has: its own and, where it logs in by the identity of a cloud (Vault's auth methods aws and
/// azure), that cloud's.
std::vector<std::string> lent_kinds(const ProviderInstance& instance);

/// "https://vault:8200": from address, vault_addr, endpoint, vault_name (Key Vault) and the comma-separated `egress`, else the
/// kind's own variable (VAULT_ADDR, …), and what the kind needs by its nature (provider/kinds.h), where a '*' stands for one
/// label. What is no http(s) URL is left out. Sorted, each once.
std::vector<std::string> egress_origins(const ProviderInstance& instance, const EnvLookup& env);

/// The origin of `url` if it is among `allowed`. AccessDenied otherwise, with both named; the URL's path is not shown.
Result<std::string> check_egress(const std::string& url, const std::vector<std::string>& allowed);

/// Why a header that a provider set may not go with a request to `url`, whose origin was approved; nothing for one that may.
/// `Host` says whom the request is for, so it is the URL's own; what frames a request or concerns the connection (Content-Length,
/// Transfer-Encoding, Connection, Upgrade, Proxy-…) is the client's to say.
std::optional<std::string> why_not_header(std::string_view name, std::string_view value, const std::string& url);

/// May this kind read that variable? Prefixes: vault VAULT_, aws AWS_, azure AZURE_, IDENTITY_ and MSI_, another its name in
/// upper case and '_'.
bool env_allowed(const std::string& type, std::string_view name);

/// The variable's value is the path of a file that the kind may read: VAULT_…_FILE, AZURE_…_PATH.
bool names_a_file(const std::string& type, std::string_view variable);

/// The values of settings and auth parameters whose name ends in "_file" (a leading "~/" is the home folder), and the kind's own
/// (~/.aws/config), where a '*' stands for a part of one name.
std::set<std::string> readable_files(const ProviderInstance& instance);
/// Readable too, and of whoever they may be: what is shown back to the service that wrote it (Azure Arc's keys, `arc_key_dir`).
std::set<std::string> proof_files(const ProviderInstance& instance);
bool may_read(const std::string& path, const std::set<std::string>& allowed);

/// ca_file, client_cert and client_key, else the kind's variables (VAULT_CACERT, VAULT_CLIENT_CERT, VAULT_CLIENT_KEY,
/// AWS_CA_BUNDLE). SSL_CERT_FILE is TlsContext's matter.
/// "HTTPS_PROXY does not count: …" of an instance that names no proxy, where a variable does; else "".
std::string ignored_proxy(const ProviderInstance& instance, const EnvLookup& env);

TlsOptions tls_options(const ProviderInstance& instance, const EnvLookup& env);

}  // namespace dso
