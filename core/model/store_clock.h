// How this host's clock stands to the store's; a port beside SecretSource, which sources without a network do not have.
#pragma once
#include <chrono>
#include <optional>

#include "model/secret.h"

namespace dso {

/// Thread-safe.
class StoreClock {
 public:
  virtual ~StoreClock() = default;
  /// This host's time less that of the last answer, to about a second; nothing: no answer had one.
  virtual std::optional<std::chrono::seconds> clock_ahead() = 0;
};

/// Null: that source has none.
inline StoreClock* store_clock_of(SecretSource& source) {
  return dynamic_cast<StoreClock*>(&source);
}

}  // namespace dso
