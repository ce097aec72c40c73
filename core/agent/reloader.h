// Brings the containers of a scope to the newest values of their secrets: files first, then signal, restart or nothing. Whatever
// fails, the running containers keep the last good value. Level-triggered: a request names a scope, never a value.
#pragma once
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "agent/inventory.h"
#include "agent/sources.h"

namespace dso {

class Reloader {
 public:
  /// References must outlive this object. Starts `max_parallel` workers.
  Reloader(Sources& sources, TmpfsStore& store, const Engine& engine, int max_parallel);
  ~Reloader();  ///< Lets the step in progress end, then joins.

  /// Asks for one reconciliation of the scope; a second request while one waits is the same request. Any thread, returns at once.
  void request(const std::string& scope_id);
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
  };

  void work(std::stop_token stop);
  void reconcile(const std::string& scope_id, std::stop_token stop);
  bool may_try(const std::string& scope_id, const std::string& content);
  void record(const std::string& scope_id, const std::string& content, bool failed);

  Sources& sources_;
  TmpfsStore& store_;
  const Engine& engine_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::set<std::string> waiting_, running_;
  std::map<std::string, Failure> failures_;
  std::vector<std::jthread> workers_;
};

}  // namespace dso
