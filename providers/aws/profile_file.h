// The SDKs' config and credentials files: a pure parser, and what a profile says about credentials. Values may be
// credentials, so they live in wiped memory.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws_json.h"

namespace aws {

using Properties = std::map<std::string, Secret, std::less<>>;  ///< Names in lower case.
std::string_view property(const Properties& properties, std::string_view name);

/// One file, or both merged.
struct ProfileFile {
  std::map<std::string, Properties, std::less<>> profiles, sso_sessions, services;
  std::string error;  ///< Not empty: what is wrong with it, with the line; it then has no profiles.
};
enum class FileKind { config, credentials };
ProfileFile parse_profiles(std::string_view text, FileKind kind);
/// Properties of the credentials file win.
ProfileFile merged(ProfileFile config, ProfileFile credentials);

/// "endpoint_url" of "secrets_manager" in a `services` section: a property of a property's lines.
std::string_view nested_property(const Properties& properties, std::string_view name, std::string_view inner);

}  // namespace aws
