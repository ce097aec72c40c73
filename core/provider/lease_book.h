// The leases that one provider instance told of: whose they are, how long they last, which of them containers live on.
#pragma once
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "provider/call_answers.h"

namespace dso {

/// Thread-safe. Pure but for the lock: the time is passed in.
class LeaseBook {
 public:
  using Time = BootClock::time_point;  ///< The store counts on while this host sleeps, and nobody sets that clock.

  /// What a call said of the secret `name`; without a lease it has none (any more).
  void note(const std::string& name, const std::optional<Lease>& lease, Time now);
  /// Until its end; a lease of zero seconds has none.
  std::optional<std::chrono::milliseconds> left(const std::string& name, Time now) const;
  void keep(const std::string& name);
  bool in_use(std::string_view lease_id) const;

 private:
  struct Entry {
    std::string id;
    Time end;
  };
  mutable std::mutex mutex_;
  std::map<std::string, Entry> by_name_;
  std::map<std::string, Time, std::less<>> kept_;  ///< Lease id to its end: an older one may still be in a container.
};

}  // namespace dso
