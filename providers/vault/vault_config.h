// The instance's settings, checked: from the config JSON and, where that is silent, the VAULT_* variables that the host
// lends. Asks no store and reads no file.
#pragma once
#include <string>
#include <string_view>

#include "dso/provider.hpp"
#include "vault_json.h"

namespace vault {

struct Settings {
  std::string address;  ///< "https://vault:8200", no slash at its end.
  std::string ns;       ///< Namespace, without slashes at its ends; empty: none.
  std::string mount;    ///< Empty: found out from each secret's name.
  int kv_version = 0;   ///< 1, 2, or 0: asked of Vault.

  enum class Method { token, approle, jwt, kubernetes, cert, userpass, aws, azure };
  Method method = Method::token;

  Secret token;  ///< From the config or, if token_from_env, from VAULT_TOKEN; empty: token_file or none.
  bool token_from_env = false;
  std::string token_file;

  std::string auth_mount;  ///< By default named like the method.
  std::string role;        ///< jwt, kubernetes, aws, azure; for cert the name of its role; empty: Vault chooses.
  std::string jwt_file;    ///< Read at each login: whoever issues it renews it.
  std::string username;    ///< userpass, and ldap by its mount.
  Secret password;         ///< Or in a file, read at each login.
  std::string password_file;
  std::string aws_region;
  std::string aws_server_id;  ///< X-Vault-AWS-IAM-Server-ID, which makes a stolen login useless to another Vault.
  std::string azure_resource, azure_client_id, azure_object_id;
  Secret role_id, secret_id;  ///< Or in files, read at each login.
  std::string role_id_file, secret_id_file;
  std::string wrapping_path;  ///< Set: the secret id is a wrapping token made at this path ("auth/approle/role/x/secret-id").

  /// What is given back at the end: nothing; the leases that no container uses, and the token of a login if none that is used
  /// hangs on it; all.
  enum class Revoke { never, unused, always };
  Revoke revoke = Revoke::unused;

  std::string_view method_name() const;  ///< "approle": as in the config, and the auth mount's name by custom.
};

/// Throws Failure (InvalidRequest) that names the setting.
Settings read_settings(const dso::sdk::Host& host, std::string_view config);

}  // namespace vault
