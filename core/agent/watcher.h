// Watches one provider instance: asks for versions, fetches what moved, compares by digest, debounces, and hands scopes to the
// reloader. Level-triggered: each poll compares everything wanted with everything delivered, so a lost event costs one interval.
#pragma once
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "agent/event_listener.h"
#include "agent/inventory.h"
#include "agent/reloader.h"
#include "agent/sources.h"
#include "agent/untold.h"
#include "logic/debounce.h"
#include "logic/poll_schedule.h"

namespace dso {

class Watcher {
 public:
  /// References must outlive this object.
  Watcher(ProviderInstance instance, Sources& sources, TmpfsStore& store, OptedInList& opted_in, Reloader& reloader,
          Untold& untold);
  ~Watcher();
  void start();
  /// Polls now instead of at the end of the interval. Any thread.
  void wake();
  /// The store said that something changed: polls now, but not more often than each second. Any thread.
  void nudge();

 private:
  using Time = std::chrono::steady_clock::time_point;
  /// What one scope has of a secret.
  struct Had {
    std::string version, digest;
    std::string refused;  ///< The digest of the value that was rolled back there; others may well take it.
  };
  using Wanted = std::map<std::string, Had>;  ///< By scope.
  /// What the store has of it, as far as somebody looked: where a version tells that it changed, nobody fetches it here.
  struct Current {
    std::string version, digest;  ///< `digest` empty: not fetched.
    /// Tells one value from another.
    std::string token() const { return digest.empty() ? "version " + version : digest; }
  };
  /// A refusal (denied, not found) holds this secret back alone.
  struct Refused {
    PollState state;
    Time next;
  };

  void run(std::stop_token stop);
  void poll(std::stop_token stop);
  Result<std::map<SecretKey, Wanted>> wanted_secrets(std::stop_token stop);
  /// Those whose versions do not say all. Of the others, what changed has been compared.
  std::vector<SecretKey> to_be_fetched(const std::vector<SecretKey>& keys, SecretSource& source, std::stop_token stop);
  bool judge_version(const SecretKey& key, const std::string& version);
  /// `fetched` is called for each that could be had, once `current_` has it; no value is in memory any more then.
  void fetch_digests(const std::vector<SecretKey>& keys, SecretSource& source, std::stop_token stop,
                     const std::function<void(const SecretKey&)>& fetched);
  static std::vector<std::string> behind(const Wanted& wanted, const Current& current);
  void compare(const SecretKey& key, const Wanted& wanted);
  void release_due(std::stop_token stop);
  std::set<SecretKey> look_again(const std::vector<SecretKey>& due, SecretSource& source, std::stop_token stop);
  void note_failure(const SecretKey& key, Error error);
  void note_success(const SecretKey& key);
  void note_round(bool failed) const;
  void note_watched() const;
  void finish_round(const std::vector<SecretKey>& asked, SecretSource* source);

  ProviderInstance instance_;
  Sources& sources_;
  TmpfsStore& store_;
  OptedInList& opted_in_;
  Reloader& reloader_;
  Untold& untold_;
  Debouncer debouncer_;
  std::map<SecretKey, Wanted> wanted_;
  std::map<SecretKey, Current> current_;
  std::map<SecretKey, std::string> handed_over_;  ///< The token of what the reloader was last asked to bring.
  std::map<SecretKey, Refused> refused_;
  PollState round_;                   ///< Of the instance as a whole: is its store there?
  std::optional<Error> round_error_;  ///< The first passing fault of this round.
  int round_faults_ = 0;
  bool engine_down_ = false;
  int polls_ = 0;
  Time next_poll_{}, last_poll_{};
  std::mutex mutex_;
  std::condition_variable_any wake_;
  bool woken_ = false, nudged_ = false;
  std::shared_ptr<SecretSource> listened_;   ///< What the listener listens to: before it.
  std::unique_ptr<EventListener> listener_;  ///< Once there is something to watch.
  std::jthread thread_;
};

}  // namespace dso
