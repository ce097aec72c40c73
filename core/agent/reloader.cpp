// The queue and its workers; what they do is in reconcile.cpp and recover.cpp.
#include "agent/reloader.h"

#include <algorithm>

#include "agent/recover.h"
#include "agent/rollback.h"
#include "agent/rotate.h"
#include "base/log.h"
#include "base/memory_refused.h"
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

void Reloader::let_go() {
  stopping_.request_stop();
}

Reloader::~Reloader() {
  let_go();
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

Result<std::string> Reloader::alone(const std::string& what, const std::string& scope_id,
                                    const std::function<Result<std::string>()>& act, std::stop_token stop) {
  const std::string base = scope_base(scope_id);
  {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, stop, [&] { return !running_.contains(base) && !running_.contains(kRecovery); }))
      return make_error(ErrorClass::interrupted, what, "the agent stops");
    running_.insert(base);
  }
  Result<std::string> done =
      make_error(ErrorClass::unavailable, what, "there was no memory for its secrets", "The agent's log says more.");
  const bool finished = unless_memory_is_refused("Reloader", what, [&] { done = act(); });
  std::lock_guard lock(mutex_);
  running_.erase(base);
  if (!finished) waiting_.insert(kRecovery);
  changed_.notify_all();
  return done;
}

Result<std::string> Reloader::rollback(const std::string& container, std::stop_token stop) {
  DSO_TRY(const std::string scope_id, scope_of_container(tools_.engine, tools_.store, container, stop));
  return alone(
      "Cannot roll back '" + container + "'", scope_id,
      [&] { return rollback_container(tools_, container, stopping_.get_token()); }, stop);
}

Result<std::string> Reloader::rotate(const std::string& container, std::stop_token stop) {
  DSO_TRY(const RotationAsked asked, may_rotate(tools_, container, stop));
  const auto always = [](const std::string&) { return true; };
  std::string told;
  for (const std::string& scope_id : asked.scope_ids) {
    // Whoever asked may stop waiting (^C): what was begun goes on all the same.
    const auto act = [&] {
      return rotation_told(asked.name, bring(scope_id, always, ReconcileFor::asked, stopping_.get_token()));
    };
    DSO_TRY(const std::string one, alone("Cannot rotate '" + asked.name + "'", scope_id, act, stop));
    if (!one.empty()) told += (told.empty() ? "" : "\n") + one;
  }
  return told.empty() ? "'" + asked.name + "' has what the stores have: nothing to do" : told;
}

ReloaderState Reloader::state() {
  const auto now = std::chrono::steady_clock::now();
  std::lock_guard lock(mutex_);
  ReloaderState out;
  out.running.assign(running_.begin(), running_.end());
  out.waiting.assign(waiting_.begin(), waiting_.end());
  for (auto* list : {&out.running, &out.waiting}) std::erase(*list, kRecovery);
  for (const auto& [scope_id, f] : failures_)
    out.failing.push_back(
        {scope_id, f.attempts,
         std::max(std::chrono::milliseconds(0), std::chrono::duration_cast<std::chrono::milliseconds>(f.next - now))});
  return out;
}

bool Reloader::is_busy_with(const std::string& scope_id) {
  std::lock_guard lock(mutex_);
  return running_.contains(scope_base(scope_id)) || waiting_.contains(scope_id);
}

void Reloader::engine_is_back() {
  std::lock_guard lock(mutex_);
  for (auto& [scope_id, failure] : failures_) {
    if (!failure.engine_was_away) continue;
    failure.next = {};
    waiting_.insert(scope_id);
  }
  changed_.notify_all();
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
    const bool done = unless_memory_is_refused("Reloader", "An update of '" + scope_id + "'", [&] { act(scope_id, stop); });
    std::lock_guard lock(mutex_);
    running_.erase(scope_base(scope_id));
    // what it was in the middle of is ended as after a crash
    if (!done && !stop.stop_requested() && scope_id != kRecovery) waiting_.insert(kRecovery);
    changed_.notify_all();
  }
}

void Reloader::act(const std::string& scope_id, std::stop_token stop) {
  if (scope_id == kRecovery) {
    if (auto done = recover_rotations(tools_, stop); done.has_error() && !stop.stop_requested())
      log::warn("Reloader", render(done.error()) + " Interrupted rolling updates wait for the engine");
  } else {
    const auto may = [&](const std::string& content) { return may_try(scope_id, content); };
    bring(scope_id, may, ReconcileFor::poll, stop);
  }
}

ReconcileResult Reloader::bring(const std::string& scope_id, const std::function<bool(const std::string&)>& may_try,
                                ReconcileFor who, std::stop_token stop) {
  ReconcileResult result = reconcile_scope(tools_, scope_id, may_try, who, stop);
  const bool failed = result.failed && !stop.stop_requested();
  if (!result.content.empty() || result.gone) record(scope_id, result, failed);
  if (failed)
    metrics::add(metrics::Metric::reloads, "failed");
  else if (!result.failed && !result.content.empty())
    metrics::add(metrics::Metric::reloads, "done");
  return result;
}

bool Reloader::may_try(const std::string& scope_id, const std::string& content) {
  std::lock_guard lock(mutex_);
  auto it = failures_.find(scope_id);
  return it == failures_.end() || it->second.content != content || std::chrono::steady_clock::now() >= it->second.next;
}

void Reloader::record(const std::string& scope_id, const ReconcileResult& result, bool failed) {
  std::lock_guard lock(mutex_);
  if (!failed) {
    failures_.erase(scope_id);
    return;
  }
  Failure& f = failures_[scope_id];
  if (f.content != result.content) f = Failure{result.content, 0, {}, false};
  f.engine_was_away = result.error && result.error->cls == ErrorClass::engine_unreachable;
  f.next = std::chrono::steady_clock::now() + backoff_exponential(f.attempts++, std::chrono::minutes(1), std::chrono::hours(1));
}

}  // namespace dso
