// Each secret is fetched once for one delivery, however often it is asked for on the way: a second answer may differ from the
// first, and where a store makes credentials for who asks, one nobody uses would be left behind.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>

#include "agent/sources.h"

namespace dso {

/// What was fetched, in locked memory, until it is forgotten. Thread-safe. Outlives the sources that it opened.
class FetchOnce {
 public:
  /// For Sources: opens as open_source does.
  OpenSource open(OpenSource open = open_source);
  /// The next delivery gets its own.
  void forget();

 private:
  friend class OnceSource;
  using Key = std::tuple<std::string, std::string, std::string>;  ///< Instance, name, version asked for.
  std::mutex mutex_;
  std::map<Key, SecretValue> fetched_;
};

}  // namespace dso
