// Docker's plugin protocol as it goes over the socket: JSON requests of the engine, JSON answers with `Err`. Pure.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "logic/reference.h"
#include "model/config.h"
#include "model/secret.h"

namespace dso {

/// Any request: each call reads the members that it needs.
struct PluginRequest {
  std::string name, id;                        ///< VolumeDriver.*: Name, ID.
  std::map<std::string, std::string> options;  ///< VolumeDriver.Create: Opts.
  std::string secret_name, service_name;       ///< SecretProvider.GetSecret.
  std::map<std::string, std::string> secret_labels, service_labels;
};
/// An empty body is an empty request, as some calls have it.
Result<PluginRequest> parse_plugin_request(std::string_view body);

/// Which secret, and which field of it: the labels dso.secret and dso.field, else the secret's own name.
Result<Reference> reference_of(const PluginRequest& request, const Config& config);
/// The field that was asked for, or the only one. Errors (Config) say which fields there are.
Result<SecretBytes> plugin_value(const SecretValue& value, const std::string& field);

/// Member order as the engine's own structs have it.
std::string plugin_manifest();
/// Base64; not to be used for another task. An error where the engine would refuse the value without a word of why: it takes from
/// 1 byte to 512,000 (swarmkit, ValidateSecretPayload).
Result<SecretBuffer> plugin_secret_answer(const SecretBytes& value);
std::string plugin_error_answer(const Error& error);
struct PluginVolume {
  std::string name, mountpoint, created_at;
};
std::string plugin_volume_answer(const PluginVolume& volume);
std::string plugin_volumes_answer(const std::vector<PluginVolume>& volumes);
std::string plugin_mountpoint_answer(const std::string& mountpoint);
std::string plugin_capabilities_answer();

}  // namespace dso
