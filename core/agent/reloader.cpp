// The queue and its workers; what they do is in reconcile.cpp and recover.cpp.
#include "agent/reloader.h"

#include <algorithm>

#include "agent/recover.h"
#include "agent/rollback.h"
#include "base/log.h"
#include "base/metrics.h"
#include "logic/backoff.h"
#include "logic/rotation_names.h"

namespace dso {
namespace {

/// Stands in the queue for "end what was interrupted"; no scope has this id.
constexpr const char* kRecovery = "";

}  // namespace

Reloader::Reloader(Sources& sources, TmpfsStore& store, const Engine& engine, const RedirectTable& redirects, int max_parallel)
    : tools_{sources, store, engine, redirects} {
  for (int i = 0; i < std::max(1, max_parallel); ++i) workers_.emplace_back([this](std::stop_token stop) { work(stop); });
}

Reloader::~Reloader() {
  for (auto& w : workers_) w.request_stop();
  workers_.clear();
}

void Reloader::request(const std::string& scope_id) {
  std::lock_guard lock(mutex_);
  waiting_.insert(scope_id);
  changed_.notify_all();
}

void Reloader::recover() {
  request(kRecovery);
}

Result<std::string> Reloader::rollback(const std::string& container, std::stop_token stop) {
  DSO_TRY(const std::string scope_id, scope_of_container(tools_.engine, container, stop));
  const std::string base = scope_base(scope_id);
  {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, stop, [&] { return !running_.contains(base) && !running_.contains(kRecovery); }))
      return make_error(ErrorClass::interrupted, "Cannot roll back '" + container + "'", "the agent stops");
    running_.insert(base);
  }
  auto done = rollback_container(tools_, container, stop);
  std::lock_guard lock(mutex_);
  running_.erase(base);
  changed_.notify_all();
  return done;
}

void Reloader::retry_failed() {
  std::lock_guard lock(mutex_);
  for (const auto& [scope_id, failure] : failures_)
    if (std::chrono::steady_clock::now() >= failure.next) waiting_.insert(scope_id);
  changed_.notify_all();
}

void Reloader::wait_idle() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_.empty() && running_.empty(); });
}

std::set<std::string>::iterator Reloader::next_ready() {
  if (running_.contains(kRecovery)) return waiting_.end();
  if (waiting_.contains(kRecovery)) return running_.empty() ? waiting_.find(kRecovery) : waiting_.end();
  // Never two generations of one scope at once: their containers are replicas of one service.
  return std::find_if(waiting_.begin(), waiting_.end(),
                      [this](const std::string& id) { return !running_.contains(scope_base(id)); });
}

void Reloader::work(std::stop_token stop) {
  while (!stop.stop_requested()) {
    std::string scope_id;
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [&] { return next_ready() != waiting_.end(); })) return;
      if (stop.stop_requested()) return;
      const auto next = next_ready();
      scope_id = *next;
      waiting_.erase(next);
      running_.insert(scope_base(scope_id));
    }
    if (scope_id == kRecovery) {
      if (auto done = recover_rotations(tools_, stop); done.has_error() && !stop.stop_requested())
        log::warn("Reloader", render(done.error()) + " Interrupted rolling updates wait for the engine");
    } else {
      const auto may = [&](const std::string& content) { return may_try(scope_id, content); };
      const ReconcileResult result = reconcile_scope(tools_, scope_id, may, stop);
      const bool failed = result.failed && !stop.stop_requested();
      if (!result.content.empty()) record(scope_id, result.content, failed);
      if (failed)
        metrics::add(metrics::Metric::reloads, "failed");
      else if (!result.failed && !result.content.empty())
        metrics::add(metrics::Metric::reloads, "done");
    }
    std::lock_guard lock(mutex_);
    running_.erase(scope_base(scope_id));
    changed_.notify_all();
  }
}

bool Reloader::may_try(const std::string& scope_id, const std::string& content) {
  std::lock_guard lock(mutex_);
  auto it = failures_.find(scope_id);
  return it == failures_.end() || it->second.content != content || std::chrono::steady_clock::now() >= it->second.next;
}

void Reloader::record(const std::string& scope_id, const std::string& content, bool failed) {
  std::lock_guard lock(mutex_);
  if (!failed) {
    failures_.erase(scope_id);
    return;
  }
  Failure& f = failures_[scope_id];
  if (f.content != content) f = Failure{content, 0, {}};
  f.next = std::chrono::steady_clock::now() + backoff_exponential(f.attempts++, std::chrono::minutes(1), std::chrono::hours(1));
}

}  // namespace dso
