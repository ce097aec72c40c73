// The last good value of each secret that somebody reads through a socket: fresh ones are served without asking the store, old
// ones while the store is down. In locked memory, bounded; nothing is written anywhere.
#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>

#include "base/deadline.h"
#include "base/result.h"
#include "model/secret.h"

namespace dso {

/// Thread-safe. One fetch of a secret at a time: who asks for it meanwhile waits for that one, until its deadline or stop.
class ReadCache {
 public:
  struct Kept {
    SecretValue value;
    SecretBuffer answer;    ///< The value as the read socket gives it.
    std::size_t bytes = 0;  ///< Of secret memory, both.
  };
  using Value = std::shared_ptr<const Kept>;

  static constexpr std::size_t kMostBytes = 16UL * 1024 * 1024;
  using Fetch =
      std::function<Result<SecretValue>(const SecretKey&, const std::string& version, const Deadline&, std::stop_token)>;

  /// A store that is down or refuses is asked again only `retry_after` later, however many read.
  /// `most_bytes`: of values that are kept; the oldest go first, the newest stays however large it is.
  explicit ReadCache(Fetch fetch, std::chrono::milliseconds retry_after = std::chrono::seconds(2),
                     std::size_t most_bytes = kMostBytes)
      : fetch_(std::move(fetch)), retry_after_(retry_after), most_bytes_(most_bytes) {}

  struct Reading {
    Value value;
    bool stale = false;  ///< The store did not answer; this is the last good value.
  };
  /// From memory while it is no older than `max_age`, else from the store. A store that is down gives what was there before,
  /// marked stale, with one log line when that begins and one when it ends. A refusal (denied, not found) is the answer, and the
  /// value is forgotten. With a `max_age` of zero every refusal is asked for anew.
  Result<Reading> read(const SecretKey& key, std::chrono::milliseconds max_age, const Deadline& deadline,
                       const std::stop_token& stop) {
    return read_id({key, ""}, max_age, deadline, stop);
  }
  /// One version of it, which cannot change: asked for once.
  Result<Reading> read_version(const SecretKey& key, const std::string& version, const Deadline& deadline,
                               const std::stop_token& stop) {
    return read_id({key, version}, std::chrono::hours(24 * 365), deadline, stop);
  }

  /// Another config has other stores by these instances' names: what is kept of their secrets is the last good value, to be given
  /// only where those do not answer.
  void ask_anew(const std::set<std::string>& instances);

  /// There is a value.
  bool has(const SecretKey& key);

 private:
  struct Entry {
    bool fetching = false;  ///< The store is being asked.
    Value value;
    std::chrono::steady_clock::time_point fetched{};
    std::optional<std::chrono::steady_clock::time_point> last_failure;  ///< Since the last value; the clock's zero is no "never".
    std::optional<Error> refusal;                                       ///< The store's last word, where it was no value.
    bool stale = false;
    bool outdated = false;  ///< From before another config (ask_anew).
  };
  using Id = std::pair<SecretKey, std::string>;  ///< With the version; empty: the present one.
  std::shared_ptr<Entry> entry_of(const Id& id);
  Result<Reading> read_id(const Id& id, std::chrono::milliseconds max_age, const Deadline& deadline, const std::stop_token& stop);
  void drop_the_oldest(const Entry& but);  ///< `mutex_` is held.
  void count_stale() const;                ///< For the metrics; `mutex_` is held.
  Result<Reading> ask(Entry& entry, const Id& id, const Deadline& deadline, const std::stop_token& stop);

  const Fetch fetch_;
  const std::chrono::milliseconds retry_after_;
  const std::size_t most_bytes_;
  std::mutex mutex_;
  std::condition_variable_any fetched_;  ///< One that was asked for came, or did not.
  std::map<Id, std::shared_ptr<Entry>> entries_;
};

}  // namespace dso
