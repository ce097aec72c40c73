// What a source knows of the time limits of what it gave; a port beside SecretSource, which most sources do not have.
#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "model/secret.h"

namespace dso {

/// Thread-safe.
class Leases {
 public:
  virtual ~Leases() = default;
  /// How long what was given last under this name is good; nothing: it has no end, or nothing was given.
  virtual std::optional<std::chrono::milliseconds> lease_left(const std::string& name) = 0;
  /// What was given under this name goes to a container: it is not given back when the source ends.
  virtual void keep_lease(const std::string& name) = 0;
};

/// Null: that source has none.
inline Leases* leases_of(SecretSource& source) {
  return dynamic_cast<Leases*>(&source);
}

}  // namespace dso
