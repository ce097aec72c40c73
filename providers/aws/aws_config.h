// The instance's settings, checked: from the config JSON and, where that is silent, the AWS_* variables that the host lends.
// Asks no store and reads no file; credentials are not among them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dso/provider.hpp"

namespace aws {

struct Settings {
  std::string instance;  ///< Its name, for the role session.
  std::string region;    ///< Empty: the profile's, else the instance metadata's.

  std::string endpoint;                      ///< From the config; no slash at its end.
  std::optional<bool> fips, dualstack;       ///< Unset: the profile's, else no.
  bool ignore_configured_endpoints = false;  ///< AWS_IGNORE_CONFIGURED_ENDPOINT_URLS.

  /// Where credentials come from; `chain` tries all in the SDKs' order.
  enum class Method { chain, static_keys, environment, profile, web_identity, container, instance };
  Method method = Method::chain;
  std::string access_key_id, secret_access_key_file, session_token_file;
  std::string profile;             ///< From the config or AWS_PROFILE; empty: "default".
  bool profile_in_config = false;  ///< Then the AWS_ACCESS_KEY_ID of the environment does not count.
  std::string role_arn, external_id, role_session_name, web_identity_token_file;
  bool allow_credential_process = false;

  std::string config_file = "~/.aws/config", credentials_file = "~/.aws/credentials";
};

/// Throws Failure (InvalidRequest) that names the setting.
Settings read_settings(const dso::sdk::Host& host, std::string_view config);

/// A RoleSessionName of our own: 2 to 64 of the characters that STS allows. Pure.
std::string session_name(std::string_view wanted, std::string_view instance);

}  // namespace aws
