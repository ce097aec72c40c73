// From a secret's name to where it lies, and how its version is written. Pure: what Vault says about mounts is passed in.
#pragma once
#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "vault_config.h"

namespace vault {

/// Where a secret lies.
struct Location {
  std::string mount;  ///< "secret", "team/kv": no slash at its ends.
  std::string path;   ///< Below the mount.
  int version = 2;    ///< Of the KV engine; 1 too for any other engine: a plain read.
  bool kv = true;     ///< It is known to be KV.
};

/// The name as a path, or a Failure (InvalidRequest): no empty segments, no "." or "..", no control characters. A name comes
/// from labels and compose files too, and must not reach another API of Vault. Pure.
std::string checked_name(std::string_view name);

/// What sys/internal/ui/mounts/<path> says about `path`; empty: the answer is about something else. Throws Failure
/// where the path is of Vault's own (sys, identity, cubbyhole): those hold no secrets, but tokens and rights. Pure.
std::optional<Location> location_from(const boost::json::object& data, std::string_view path);

/// Without that answer: the mount of the setting, else "secret", which a Vault has by custom. Pure.
Location guessed_location(const Settings& settings, std::string_view name);

/// A secret's version: "7@2026-01-31T10:00:00.5Z". The number alone begins again at 1 when a secret is removed with its
/// history and written anew, and nobody would notice that the value is another. Pure.
std::string version_text(std::int64_t number, std::string_view created);
/// "7" of "7@…" or "7"; a Failure (InvalidRequest) for anything else. Pure.
std::string_view version_number(std::string_view version);

std::string_view without_slashes(std::string_view path);

}  // namespace vault
