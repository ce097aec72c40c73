// Credentials of the machine or container itself: EC2's instance metadata (version 2 only), and the endpoints of ECS and of
// EKS Pod Identity. Plain HTTP to addresses that never leave the host.
#pragma once
#include <string>
#include <string_view>

#include "credentials.h"
#include "dso/provider.hpp"

namespace aws {

class InstanceMetadata {
 public:
  explicit InstanceMetadata(dso::sdk::Host host) : host_(host) {}
  /// Throws Failure (CredentialsUnavailable) where there is no metadata service or no role.
  Credentials credentials();
  /// The instance's own region; empty where there is none to be had.
  std::string region();

 private:
  Secret get(std::string_view path);
  void new_token();

  dso::sdk::Host host_;
  std::string origin_;
  Secret token_;
};

/// Where container credentials are asked for; empty: the variables are not set. Throws Failure for an address that may not
/// get a token in the clear. Pure but for the variables.
std::string container_credentials_url(const dso::sdk::Host& host);
/// May plain http go there: loopback, or the link-local addresses of ECS and EKS. Pure.
bool is_local_container_address(std::string_view url);

/// Throws Failure (CredentialsUnavailable) where the variables are not set.
Credentials container_credentials(const dso::sdk::Host& host);

}  // namespace aws
