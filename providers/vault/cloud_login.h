// The bodies of the logins by which a cloud vouches for the machine: aws (a signed GetCallerIdentity, which Vault sends on) and
// azure (a token of the managed identity, with what the metadata service says of the machine). Sends nothing to Vault.
#pragma once
#include "dso/provider.hpp"
#include "vault_config.h"
#include "vault_json.h"

namespace vault {

/// By the credentials of the environment, the container or the instance. Throws Failure where there are none.
Secret aws_login_body(const dso::sdk::Host& host, const Settings& settings);

/// Throws Failure where no managed identity, or no metadata of the machine, is to be had.
Secret azure_login_body(const dso::sdk::Host& host, const Settings& settings);

}  // namespace vault
