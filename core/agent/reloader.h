// The queue of scopes to reconcile and the workers that do it: max_parallel at once, never two of one service. A request names a
// scope, never a value.
#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "agent/inventory.h"
#include "agent/reconcile.h"

namespace dso {

/// What a reloader does at one moment.
struct ReloaderState {
  struct Failing {
    std::string scope_id;
    int attempts = 0;
    std::chrono::milliseconds next_try_in{0};
  };
  std::vector<std::string> running, waiting;  ///< Bases of scopes, and scopes.
  std::vector<Failing> failing;
};

class Reloader {
 public:
  /// References must outlive this object. Starts `max_parallel` workers.
  Reloader(Sources& sources, TmpfsStore& store, const Engine& engine, const RedirectTable& redirects, int max_parallel);
  ~Reloader();  ///< Lets the step in progress end, then joins.
  /// What somebody asked for comes to a point from which the next agent goes on, so that he need not be waited for. Any thread.
  void let_go();

  /// Asks for one reconciliation of the scope; a second request while one waits is the same request. Any thread, returns at once.
  void request(const std::string& scope_id);
  /// Asks to end what an agent or engine that died left in the middle; everything else waits until that is done.
  void recover();
  /// Goes back to the last good values of a container, as `dso rollback` asks; waits until nothing else happens to its service.
  /// `stop` ends the waiting for its turn; what was begun is ended. What was done, for people.
  Result<std::string> rollback(const std::string& container, std::stop_token stop);
  /// Brings a container to the present values now, without debouncing and though the same was tried and failed a moment ago, as
  /// `dso rotate` asks; waits as rollback() does. What was done, for people.
  Result<std::string> rotate(const std::string& container, std::stop_token stop);
  ReloaderState state();
  /// Something of its service waits or is under way: who looks at its containers now sees them in the middle of it.
  bool is_busy_with(const std::string& scope_id);
  /// What failed since the engine was away is tried again at once: that said nothing about the value.
  void engine_is_back();
  /// Asks again for every scope whose last try failed and whose wait is over.
  void retry_failed();
  /// Blocks until nothing waits and nothing runs.
  void wait_idle();

 private:
  /// A scope that failed is tried again with this very content only after a growing while; new content is tried at once.
  struct Failure {
    std::string content;
    int attempts = 0;
    std::chrono::steady_clock::time_point next;
    bool engine_was_away = false;
  };

  void work(std::stop_token stop);
  void act(const std::string& scope_id, std::stop_token stop);
  /// Runs `act` while nothing else happens to the scope's service.
  Result<std::string> alone(const std::string& what, const std::string& scope_id, const std::function<Result<std::string>()>& act,
                            std::stop_token stop);
  /// Reconciles, and counts how it went.
  ReconcileResult bring(const std::string& scope_id, const std::function<bool(const std::string&)>& may_try, ReconcileFor who,
                        std::stop_token stop);
  std::set<std::string>::iterator next_ready();
  bool may_try(const std::string& scope_id, const std::string& content);
  void record(const std::string& scope_id, const ReconcileResult& result, bool failed);

  const ReloadTools tools_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::set<std::string> waiting_;  ///< Scopes, or kRecovery.
  std::set<std::string> running_;  ///< Bases of scopes (logic/rotation_names.h).
  std::map<std::string, Failure> failures_;
  std::stop_source stopping_;
  std::vector<std::jthread> workers_;
};

}  // namespace dso
