// The debouncer: a change waits until its secret was quiet for a while, so that a burst of changes is one rotation with the
// newest value. Pure: the state is a value, time is passed in.
#pragma once
#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/secret.h"

namespace dso {

struct DebounceSettings {
  std::chrono::milliseconds quiet{2000};
  std::chrono::milliseconds max{30000};
};

class Debouncer {
 public:
  using Time = std::chrono::steady_clock::time_point;
  explicit Debouncer(DebounceSettings settings) : settings_(settings) {}
  /// Other settings from now on, also for what is held.
  void use(DebounceSettings settings) { settings_ = settings; }

  enum class Noted {
    held,        ///< A first change: held back until quiet.
    superseded,  ///< A newer value while one was held: the earlier one will never be delivered.
    known,       ///< This very value is held already.
  };
  /// `digest` tells values apart.
  Noted note(const SecretKey& key, const std::string& digest, Time now);
  /// The value went back to what is delivered: nothing to do any more. True if something was held.
  bool forget(const SecretKey& key);
  /// Keys whose wait is over; they stay.
  std::vector<SecretKey> due_keys(Time now) const;
  /// Keys whose wait is over; they leave the debouncer.
  std::vector<SecretKey> take_due(Time now);
  /// When the next key is due.
  std::optional<Time> next_due() const;
  std::size_t size() const { return pending_.size(); }
  /// The digest that is held for `key`.
  std::optional<std::string> held(const SecretKey& key) const;

 private:
  struct Pending {
    Time first, last;
    std::string digest;
  };
  Time due(const Pending& p) const { return std::min(p.last + settings_.quiet, p.first + settings_.max); }
  DebounceSettings settings_;
  std::map<SecretKey, Pending> pending_;
};

}  // namespace dso
