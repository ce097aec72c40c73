// The last good value of each secret that somebody reads through a socket: fresh ones are served without asking the store, old
// ones while the store is down. In locked memory, bounded; nothing is written anywhere.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "base/deadline.h"
#include "base/result.h"
#include "model/secret.h"

namespace dso {

/// Thread-safe. One fetch of a secret at a time: who asks for it meanwhile waits for that one.
class ReadCache {
 public:
  struct Kept {
    SecretValue value;
    SecretBuffer answer;  ///< The value as the read socket gives it.
  };
  using Value = std::shared_ptr<const Kept>;

  using Fetch =
      std::function<Result<SecretValue>(const SecretKey&, const std::string& version, const Deadline&, std::stop_token)>;

  ReadCache(Fetch fetch, std::chrono::milliseconds fresh_for) : fetch_(std::move(fetch)), fresh_for_(fresh_for) {}

  struct Reading {
    Value value;
    bool stale = false;  ///< The store did not answer; this is the last good value.
  };
  /// From memory while it is no older than `fresh_for`, else from the store. A passing fault of the store gives what was there
  /// before, marked stale, with one log line when that begins and one when it ends. A refusal (denied, not found) is the answer,
  /// and the value is forgotten.
  Result<Reading> read(const SecretKey& key, const Deadline& deadline, std::stop_token stop) {
    return read_version(key, "", deadline, std::move(stop));
  }
  /// One version of it, which cannot change: asked for once.
  Result<Reading> read_version(const SecretKey& key, const std::string& version, const Deadline& deadline, std::stop_token stop);
  /// The present one, and the store is asked whatever there is.
  Result<Reading> fetch(const SecretKey& key, const Deadline& deadline, std::stop_token stop);

 private:
  struct Entry {
    std::mutex fetching;  ///< Held while the store is asked.
    Value value;
    std::chrono::steady_clock::time_point fetched{}, last_failure{};
    std::optional<Error> refusal;  ///< The store's last word, where it was no value.
    bool stale = false;
  };
  using Id = std::pair<SecretKey, std::string>;  ///< With the version; empty: the present one.
  std::shared_ptr<Entry> entry_of(const Id& id);
  Result<Reading> ask(Entry& entry, const Id& id, const Deadline& deadline, std::stop_token stop);

  const Fetch fetch_;
  const std::chrono::milliseconds fresh_for_;
  std::mutex mutex_;
  std::map<Id, std::shared_ptr<Entry>> entries_;
};

}  // namespace dso
