// The instance's settings, checked: from the config JSON and, where that is silent, the AZURE_* variables that the host lends.
// Asks no store and reads no file.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "azure_json.h"
#include "dso/provider.hpp"

namespace azure {

/// An application of Entra ID and what it proves itself with; exactly one of the proofs is set.
struct Application {
  std::string tenant_id;  ///< Empty: the one that the vault's challenge names.
  std::string client_id;
  Secret client_secret;
  std::string client_secret_file, certificate_file, federated_token_file;
  std::string source;  ///< Where the proof comes from, for people.
};

struct Managed {
  std::string client_id, object_id, resource_id;  ///< All empty: the machine's own.
  std::string arc_key_dir = "/var/opt/azcmagent/tokens";
};

/// One link of the chain.
struct Source {
  std::optional<Application> application;  ///< Empty: the managed identity.
};

struct Settings {
  std::string origin;     ///< "https://kv.vault.azure.net", no slash at its end.
  std::string host;       ///< "kv.vault.azure.net".
  std::string vault;      ///< "kv".
  std::string authority;  ///< "https://login.microsoftonline.com", no slash at its end.
  bool verify_challenge_resource = true;
  std::vector<Source> chain;  ///< In the order to try; one, where the method is named.
  Managed managed;
  std::string looked_for;  ///< What the chain lacks, for the error when none of it works.
};

/// Throws Failure (InvalidRequest) that names the setting.
Settings read_settings(const dso::sdk::Host& host, std::string_view config);

/// The login host of the cloud that a vault's host belongs to. Pure.
std::string authority_of_cloud(std::string_view vault_host);
/// The vaults' domain of the cloud that a login host belongs to. Pure.
std::string vault_domain_of_cloud(std::string_view authority_host);

}  // namespace azure
