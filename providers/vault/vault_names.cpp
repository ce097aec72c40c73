// The rules for names, mounts and versions.
#include "vault_names.h"

#include <algorithm>
#include <array>

#include "dso/provider.hpp"

namespace vault {

using dso::sdk::Failure;

namespace {

/// Also of an Enterprise namespace ("ns_system"), and the auth mount "token".
bool is_own(std::string_view type) {
  if (type.starts_with("ns_")) type.remove_prefix(3);
  constexpr std::array<std::string_view, 4> kOwn{"system", "identity", "cubbyhole", "token"};
  return std::find(kOwn.begin(), kOwn.end(), type) != kOwn.end();
}

}  // namespace

std::string_view without_slashes(std::string_view s) {
  while (s.starts_with('/')) s.remove_prefix(1);
  while (s.ends_with('/')) s.remove_suffix(1);
  return s;
}

std::string checked_name(std::string_view name) {
  const auto refuse = [](std::string why) {
    throw Failure(DSO_E_INVALID_REQUEST, std::move(why), "Write the name as mount/path, for example secret/myapp/db.");
  };
  if (name.empty()) refuse("the name is empty");
  if (name.size() > 1000) refuse("the name is too long");
  for (const char c : name)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) refuse("the name holds control characters");
  for (std::size_t from = 0; from <= name.size();) {
    const std::size_t to = std::min(name.find('/', from), name.size());
    const std::string_view segment = name.substr(from, to - from);
    if (segment.empty()) refuse("the name has an empty part: '/' at an end, or twice");
    if (segment == "." || segment == "..") refuse("the name has a part '.' or '..'");
    from = to + 1;
  }
  return std::string(name);
}

std::optional<Location> location_from(const boost::json::object& data, std::string_view path) {
  const std::string_view mount = without_slashes(string_at(data, "path"));
  if (mount.empty() || !path.starts_with(mount) || (path.size() > mount.size() && path[mount.size()] != '/')) return std::nullopt;
  const std::string_view type = string_at(data, "type");
  Location at{.mount = std::string(mount),
              .path = std::string(without_slashes(path.substr(mount.size()))),
              .version = 1,
              .kv = type == "kv" || type == "generic"};
  if (is_own(type))
    throw Failure(DSO_E_INVALID_REQUEST, "'" + at.mount + "' is Vault's own, no secrets engine",
                  "Write the name as mount/path, for example secret/myapp/db.");
  if (!at.kv) return at;
  if (const auto* options = object_at(data, "options"); options && string_at(*options, "version") == "2") at.version = 2;
  return at;
}

Location guessed_location(const Settings& settings, std::string_view name) {
  Location at{.mount = settings.mount, .path = std::string(name), .version = settings.kv_version ? settings.kv_version : 2};
  at.kv = at.version == 2;  // as version 1, `mount` may be of any engine
  if (at.mount.empty()) {
    at.mount = "secret";
    if (name.starts_with("secret/")) at.path = name.substr(7);
  }
  return at;
}

std::string version_text(std::int64_t number, std::string_view created) {
  std::string text = std::to_string(number);
  return created.empty() ? text : text + "@" + std::string(created.substr(0, 40));
}

std::string_view version_number(std::string_view version) {
  const std::string_view number = version.substr(0, version.find('@'));
  if (number.empty() || number.size() > 18 || number.find_first_not_of("0123456789") != std::string_view::npos)
    throw Failure(DSO_E_INVALID_REQUEST, "'" + std::string(version.substr(0, 64)) + "' is no version of Vault's",
                  "Versions are numbers: 7.");
  return number;
}

}  // namespace vault
