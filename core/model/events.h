// A source whose store tells when something in it changes; a port beside SecretSource, which most sources do not have.
#pragma once
#include <functional>
#include <stop_token>

#include "base/error.h"
#include "model/secret.h"

namespace dso {

class Events {
 public:
  virtual ~Events() = default;
  /// Blocks. Calls `changed` when it begins to listen, since something may have been missed before, and at each message. Returns
  /// why it ended; Unsupported: there is nothing to listen to. Beside other calls of the source, one thread at a time.
  virtual Error listen(const std::function<void()>& changed, std::stop_token stop) = 0;
};

/// Null: that source has none.
inline Events* events_of(SecretSource& source) {
  return dynamic_cast<Events*>(&source);
}

}  // namespace dso
