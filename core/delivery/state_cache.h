// What was read of scopes, kept until something in them changes: a poll that finds everything as it was opens no file. Names,
// versions and digests only; never a value.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/delivery.h"

namespace dso::delivery {

/// Thread-safe. Whether something changed is asked of the file system each time (inode and ctime of the state and of every folder
/// that a switch touches), so that changes of other processes are seen too. Kernel times come in ticks: what was read is believed
/// only once it was read twice in the same condition, with more than a tick between.
class StateCache {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// The state of the scope `id`, whose folder is `folder`, from `read` where it changed. Errors are not kept.
  Result<std::shared_ptr<const ScopeState>> state(const std::string& id, const std::string& folder, Time now,
                                                  const std::function<Result<ScopeState>()>& read);
  /// The same for the list of all scopes that are remembered in `folder`.
  std::shared_ptr<const std::vector<Scope>> scopes(const std::string& folder, Time now,
                                                   const std::function<std::vector<Scope>()>& read);
  /// Forgets every other scope.
  void keep_only(const std::set<std::string>& ids);

  std::size_t reads() const;  ///< How often `read` was called.

 private:
  struct Stamp {
    std::uint64_t inode = 0;
    std::int64_t changed_ns = 0;
    bool operator==(const Stamp&) const = default;
  };
  template <class T>
  struct Kept {
    std::vector<std::string> names;  ///< Below the folder; what `stamps` are of, the folder itself first.
    std::vector<Stamp> stamps;
    Time first_read{};
    bool settled = false;
    std::shared_ptr<const T> value;  ///< Shared with who asks: a poll looks at all of them, and copies none.
  };
  static std::vector<Stamp> stamps_of(const std::string& folder, const std::vector<std::string>& names);
  template <class T>
  std::shared_ptr<const T> valid(const Kept<T>& kept, const std::string& folder) const;
  template <class T>
  void keep(Kept<T>& kept, std::vector<std::string> names, std::vector<Stamp> stamps, Time now, std::shared_ptr<const T> value);

  mutable std::mutex mutex_;
  std::map<std::string, Kept<ScopeState>> states_;
  Kept<std::vector<Scope>> scopes_;
  std::size_t reads_ = 0;
};

}  // namespace dso::delivery
