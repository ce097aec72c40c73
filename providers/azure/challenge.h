// What Key Vault's 401 says: which tenant and which resource a token must be for, and claims that it must carry. Pure.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "dso/provider.hpp"

namespace azure {

/// Parameters of the Bearer challenge in a WWW-Authenticate header, names in lower case; empty if there is none.
std::map<std::string, std::string> bearer_parameters(std::string_view header);
/// The realm of a Basic challenge (Arc: the path of a key file); empty if there is none.
std::string basic_realm(std::string_view header);

struct Challenge {
  std::string tenant;    ///< "22222222-…"; empty if the authorization URI has none.
  std::string resource;  ///< "https://vault.azure.net", without "/.default" and slash.
};

/// Throws Failure where the challenge is none, or would lead a token astray: the authorization must be https, and the vault
/// must lie below the resource's host unless `verify` is off.
Challenge checked_challenge(const std::map<std::string, std::string>& parameters, std::string_view vault_host, bool verify);

}  // namespace azure
