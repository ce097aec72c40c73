// Which scope the reloader looks at next, and when one that failed is tried again. Pure: time is passed in; agent/reloader has
// the lock and the threads. Two rules stand behind it: what is slow or fails for one container delays no other, and nothing
// happens twice at once to one service.
#pragma once
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"

namespace dso {

/// Why a try failed, which decides when the next one is due.
enum class FailedBy {
  value,   ///< The containers did not take it: the same content is tried again ever later, another one at once.
  store,   ///< It could not be fetched: nobody knows the content. Until its next try is due, the scope waits.
  engine,  ///< It stayed away: due as soon as it answers.
};

/// How the look at a scope ended.
struct ReloadOutcome {
  enum class Kind {
    nothing,      ///< Nothing was tried.
    done,         ///< Tried, and it worked.
    gone,         ///< There is nothing any more that could fail.
    failed,       ///< By `by`, with `content`; `cls` for a store.
    needs_place,  ///< A container is to be replaced, and no place was given for that.
  };
  Kind kind = Kind::nothing;
  bool fetched = false;   ///< Its values were there.
  bool replaces = false;  ///< Its containers are replaced, not told.
  std::string content;
  FailedBy by = FailedBy::value;
  ErrorClass cls = ErrorClass::unavailable;
};

class ReloadQueue {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Pick {
    std::string scope_id;
    /// It may replace containers. A scope of which nobody knows yet whether it does gets a place if one is free.
    bool has_place = false;
    bool recovery = false;  ///< Not a scope: end what was interrupted, while nothing else happens.
    bool judge = false;     ///< Only look how those are that were told a while ago (agent/monitor).
  };
  struct Failing {
    std::string scope_id;
    int attempts = 0;
    Time next;
  };
  /// What is worth a line in the log.
  struct Change {
    bool store_failed = false;     ///< Its values cannot be fetched, and could before (or failed in another way).
    bool store_came_back = false;  ///< They can again.
  };

  /// So many scopes may replace containers at once.
  explicit ReloadQueue(int places) : places_(places) {}
  int places() const { return places_; }

  /// A second request while one waits is the same request. A scope that waits for its store is left to wait.
  void request(const std::string& scope_id, Time now);
  /// The same, also of a scope that waits for its store: something is to be ended there.
  void request_now(const std::string& scope_id) { waiting_.insert(scope_id); }
  void recover() { recovery_waits_ = true; }
  /// How its containers took the last update is to be looked at then; the earliest time counts.
  void judge_at(const std::string& scope_id, Time when);
  void engine_is_back();
  /// A store that was away answers, or gives a secret that it refused: what could not be fetched is tried at once.
  void store_is_back();
  /// Asks for every scope whose last try failed and is due.
  void retry_failed(Time now);

  /// What may begin now, and begins with that; first tries before those that failed before.
  std::optional<Pick> take(Time now);
  bool has_ready(Time now) const;
  /// When a try that failed, or a verdict, is due without anybody asking for it; unset while that would have to wait anyway.
  std::optional<Time> next_due() const;
  Change ended(const Pick& pick, const ReloadOutcome& outcome, Time now);
  /// The same for what somebody asked for past the queue, and waited for the service to be at rest.
  Change note(const std::string& scope_id, const ReloadOutcome& outcome, Time now);

  /// Nothing happens to the service of the scope, and nothing is being recovered.
  bool at_rest(const std::string& scope_id) const;
  void begin_alone(const std::string& scope_id);
  void end_alone(const std::string& scope_id);

  /// False: this very content has failed, and its next try is not due.
  bool may_try(const std::string& scope_id, const std::string& content, Time now) const;
  bool is_busy_with(const std::string& scope_id) const;
  bool idle() const { return waiting_.empty() && running_.empty() && !recovery_waits_ && !recovery_runs_; }
  const std::set<std::string>& waiting() const { return waiting_; }
  const std::set<std::string>& running() const { return running_; }  ///< Bases of scopes (logic/rotation_names.h).
  std::vector<Failing> failing() const;

 private:
  struct Failure {
    std::string content;
    FailedBy by = FailedBy::value;
    ErrorClass cls = ErrorClass::unavailable;
    int attempts = 0;
    Time next;
    bool asked_for = false;  ///< Its next try has been, whatever came of it.
  };
  enum class Known { nothing, yes, no };
  Known replaces(const std::string& scope_id) const;
  std::set<std::string>::const_iterator next_ready() const;
  std::map<std::string, Time>::const_iterator next_verdict(Time now) const;
  bool waits_for_store(const std::string& scope_id, Time now) const;
  Change fail(const std::string& scope_id, const ReloadOutcome& outcome, Time now);

  int places_, places_taken_ = 0;
  std::set<std::string> waiting_, running_;
  std::map<std::string, bool> replaces_;  ///< Base of a scope -> whether its containers were replaced the last time.
  std::map<std::string, Failure> failures_;
  std::map<std::string, Time> verdicts_;
  bool recovery_waits_ = false, recovery_runs_ = false;
};

}  // namespace dso
