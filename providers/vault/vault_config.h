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

  enum class Method { token, approle };
  Method method = Method::token;

  Secret token;  ///< From the config or, if token_from_env, from VAULT_TOKEN; empty: token_file or none.
  bool token_from_env = false;
  std::string token_file;

  std::string auth_mount = "approle";
  Secret role_id, secret_id;  ///< Or in files, read at each login.
  std::string role_id_file, secret_id_file;
  std::string wrapping_path;  ///< Set: the secret id is a wrapping token made at this path ("auth/approle/role/x/secret-id").
};

/// Throws Failure (InvalidRequest) that names the setting.
Settings read_settings(const dso::sdk::Host& host, std::string_view config);

}  // namespace vault
