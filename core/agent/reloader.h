// The workers that reconcile scopes, and what they share: one queue (logic/reload_queue) behind one lock. A request names a
// scope, never a value. Only who replaces containers waits for one of `max_parallel` places; files, signals and restarts wait for
// nobody.
#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "agent/inventory.h"
#include "agent/reconcile.h"
#include "logic/reload_queue.h"

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
  /// References must outlive this object. Workers start as they are needed.
  Reloader(Sources& sources, TmpfsStore& store, const Engine& engine, const RedirectTable& redirects, const AskedEnds& asked_ends,
           ContainerTies& ties, int max_parallel);
  ~Reloader();  ///< Lets the step in progress end, then joins.
  /// What somebody asked for comes to a point from which the next agent goes on, so that he need not be waited for. Any thread.
  void let_go();

  /// Asks for one reconciliation of the scope; a second request while one waits is the same request. Any thread, returns at once.
  void request(const std::string& scope_id);
  /// Asks to end what an agent or engine that died left in the middle; everything else waits until that is done.
  void recover();
  /// What the agent before this one was looking at after its updates is looked at further.
  void go_on_monitoring();
  /// Something happened to a container: if it is monitored, it is looked at now. Any thread, returns at once.
  void look_at(const std::string& container_id);
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
  /// What could not be fetched is tried again at once: a store that was away answers.
  void store_is_back();
  /// Something of the scope is to be ended, whatever its stores do. Any thread, returns at once.
  void request_now(const std::string& scope_id);
  /// Asks again for every scope whose last try failed and whose wait is over.
  void retry_failed();
  /// Blocks until nothing waits and nothing runs.
  void wait_idle();

 private:
  class Heard;
  void work(std::stop_token stop);
  void act(const ReloadQueue::Pick& pick, std::stop_token stop);
  /// Runs `act` while nothing else happens to the scope's service.
  Result<std::string> alone(const std::string& what, const std::string& scope_id, const std::function<Result<std::string>()>& act,
                            std::stop_token stop);
  ReconcileResult bring(const std::string& scope_id, const ReconcileTry& how, std::stop_token stop);
  /// Something about the queue, with the lock held; then somebody is there for what can begin by it.
  template <class Act>
  void change(const Act& act);
  /// With the lock held: somebody is there for what can begin.
  void hire();
  void judge(const std::string& scope_id, const std::stop_token& stop);
  void monitoring(const std::string& scope_id, const std::string& container_id);
  void note(const std::string& scope_id, const ReconcileResult& result, ReloadQueue::Change change);

  const ReloadTools tools_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  ReloadQueue queue_;
  std::map<std::string, std::string> monitored_;  ///< Container id -> scope.
  /// By scope without its generation: what came of it since somebody began to wait for it.
  std::multimap<std::string, std::optional<ReconcileResult>> heard_;
  bool closing_ = false;
  int idle_ = 0;
  std::stop_source stopping_;
  std::vector<std::jthread> workers_;
};

}  // namespace dso
