// The threads around the queue; what they do is in reconcile.cpp and recover.cpp.
#include "agent/reloader.h"

#include <algorithm>
#include <set>
#include <utility>

#include "agent/monitor.h"
#include "agent/recover.h"
#include "agent/rollback.h"
#include "agent/rotate.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory_refused.h"
#include "base/metrics.h"
#include "logic/rotation_names.h"

namespace dso {
namespace {

using Clock = std::chrono::steady_clock;

/// Beside those that replace containers: so many may wait for a store, or for a restarted container's health, at once.
constexpr std::size_t kBeside = 32;
/// At a monitored container, where nothing tells of its end.
constexpr std::chrono::seconds kLookAgain{1};

ReloadOutcome outcome_of(const ReconcileResult& result, bool stopped) {
  using Kind = ReloadOutcome::Kind;
  ReloadOutcome out;
  out.fetched = result.fetched;
  out.replaces = result.replaces;
  out.content = result.content;
  if (result.error) out.cls = result.error->cls;
  if (result.gone) {
    out.kind = Kind::gone;
  } else if (result.needs_place) {
    out.kind = Kind::needs_place;
  } else if (stopped && result.failed) {
    out.kind = Kind::nothing;
  } else if (result.fetch_failed) {
    out.kind = Kind::failed;
    out.by = FailedBy::store;
  } else if (!result.content.empty()) {
    out.kind = result.failed ? Kind::failed : Kind::done;
    if (result.error && result.error->cls == ErrorClass::engine_unreachable) out.by = FailedBy::engine;
  }
  return out;
}

}  // namespace

Reloader::Reloader(Sources& sources, TmpfsStore& store, const Engine& engine, const RedirectTable& redirects,
                   const AskedEnds& asked_ends, ContainerTies& ties, int max_parallel)
    : tools_{sources,
             store,
             engine,
             redirects,
             asked_ends,
             ties,
             [this](const std::string& scope_id, const std::string& container_id) { monitoring(scope_id, container_id); }},
      queue_(std::max(1, max_parallel)) {}

void Reloader::let_go() {
  stopping_.request_stop();
}

Reloader::~Reloader() {
  let_go();
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  for (auto& w : workers_) w.request_stop();
  workers_.clear();
}

void Reloader::hire() {
  if (closing_ || !queue_.has_ready(Clock::now())) return;
  if (idle_ == 0 && workers_.size() < kBeside + static_cast<std::size_t>(queue_.places()))
    workers_.emplace_back([this](std::stop_token stop) { work(stop); });
  changed_.notify_all();
}

template <class Act>
void Reloader::change(const Act& act) {
  const std::lock_guard lock(mutex_);
  act();
  hire();
}

void Reloader::request(const std::string& scope_id) {
  change([&] { queue_.request(scope_id, Clock::now()); });
}

void Reloader::request_now(const std::string& scope_id) {
  change([&] { queue_.request_now(scope_id); });
}

void Reloader::recover() {
  change([&] { queue_.recover(); });
}

void Reloader::engine_is_back() {
  change([&] { queue_.engine_is_back(); });
}

void Reloader::store_is_back() {
  change([&] { queue_.store_is_back(); });
}

void Reloader::retry_failed() {
  change([&] { queue_.retry_failed(Clock::now()); });
}

void Reloader::monitoring(const std::string& scope_id, const std::string& container_id) {
  const std::lock_guard lock(mutex_);
  monitored_[container_id] = scope_id;
  queue_.judge_at(scope_id, Clock::now() + tools_.sources.config().agent.monitor);
  hire();
  changed_.notify_all();  // somebody waits until what was due before
}

void Reloader::go_on_monitoring() {
  std::map<std::string, std::string> found;
  for (const std::string& scope_id : tools_.store.list())
    if (const auto state = tools_.store.shared_state(scope_id); state.has_value())
      for (const auto& [container_id, told] : (*state)->monitored) found[container_id] = scope_id;
  const std::lock_guard lock(mutex_);
  for (const auto& [container_id, scope_id] : found) {
    monitored_[container_id] = scope_id;
    queue_.judge_at(scope_id, Clock::now());
  }
  hire();
}

void Reloader::look_at(const std::string& container_id) {
  const std::lock_guard lock(mutex_);
  const auto monitored = monitored_.find(container_id);
  if (monitored == monitored_.end()) return;
  queue_.judge_at(monitored->second, Clock::now());
  hire();
}

Result<std::string> Reloader::alone(const std::string& what, const std::string& scope_id,
                                    const std::function<Result<std::string>()>& act, std::stop_token stop) {
  {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, stop, [&] { return queue_.at_rest(scope_id); }))
      return make_error(ErrorClass::interrupted, what, "the agent stops");
    queue_.begin_alone(scope_id);
  }
  Result<std::string> done =
      make_error(ErrorClass::unavailable, what, "there was no memory for its secrets", "The agent's log says more.");
  const bool finished = unless_memory_is_refused("Reloader", what, [&] { done = act(); });
  const std::lock_guard lock(mutex_);
  queue_.end_alone(scope_id);
  if (!finished) queue_.recover();
  hire();
  changed_.notify_all();
  return done;
}

Result<std::string> Reloader::rollback(const std::string& container, std::stop_token stop) {
  while (true) {
    DSO_TRY(const std::string scope_id, scope_of_container(tools_.engine, tools_.store, container, stop));
    bool moved = false;
    const auto act = [&]() -> Result<std::string> {
      const std::stop_token stopped = stopping_.get_token();
      DSO_TRY(const std::string now, scope_of_container(tools_.engine, tools_.store, container, stopped));
      moved = now != scope_id;
      return moved ? Result<std::string>(std::string()) : rollback_container(tools_, container, stopped);
    };
    DSO_TRY(std::string done, alone("Cannot roll back '" + container + "'", scope_id, act, stop));
    if (!moved) return done;
  }
}

/// What an update of the agent's own does to a scope meanwhile, for who waits for that.
class Reloader::Heard {
 public:
  Heard(Reloader& reloader, std::string scope) : reloader_(reloader) {
    const std::lock_guard lock(reloader_.mutex_);
    at_ = reloader_.heard_.emplace(std::move(scope), std::nullopt);
  }
  ~Heard() {
    const std::lock_guard lock(reloader_.mutex_);
    reloader_.heard_.erase(at_);
  }
  Heard(const Heard&) = delete;
  Heard& operator=(const Heard&) = delete;
  std::optional<ReconcileResult> result() const {
    const std::lock_guard lock(reloader_.mutex_);
    return at_->second;
  }

 private:
  Reloader& reloader_;
  std::multimap<std::string, std::optional<ReconcileResult>>::iterator at_;
};

Result<std::string> Reloader::rotate(const std::string& container, std::stop_token stop) {
  const ReconcileTry at_once{[](const std::string&) { return true; }, ReconcileFor::asked, true};
  std::map<std::string, Heard> heard;  // by scope, whatever generation of it
  std::set<std::string> done;
  std::string told, gone;
  while (true) {
    DSO_TRY(const RotationAsked asked, may_rotate(tools_, container, stop));
    const auto next = std::find_if(asked.scope_ids.begin(), asked.scope_ids.end(),
                                   [&](const std::string& id) { return !done.contains(scope_base(id)); });
    if (next == asked.scope_ids.end())
      return told.empty() ? "'" + asked.name + "' has what the stores have: nothing to do" : told;
    const std::string scope_id = *next, base = scope_base(scope_id);
    const Heard& meanwhile = heard.try_emplace(base, *this, base).first->second;
    bool moved = false;
    // Whoever asked may stop waiting (^C): what was begun goes on all the same.
    const auto act = [&]() -> Result<std::string> {
      const std::stop_token stopped = stopping_.get_token();
      const ReconcileResult result = bring(scope_id, at_once, stopped);
      {
        const std::lock_guard lock(mutex_);
        note(scope_id, result, queue_.note(scope_id, outcome_of(result, stopped.stop_requested()), Clock::now()));
      }
      moved = result.gone && std::exchange(gone, scope_id) != scope_id;  // an update that was waited for has replaced it
      return moved ? Result<std::string>(std::string()) : rotation_told(asked.name, result);
    };
    DSO_TRY(std::string one, alone("Cannot rotate '" + asked.name + "'", scope_id, act, stop));
    if (moved) continue;
    done.insert(base);
    if (const auto before = meanwhile.result(); one.empty() && before) {
      DSO_TRY(one, rotation_told(asked.name, *before));
    }
    if (!one.empty()) told += (told.empty() ? "" : "\n") + one;
  }
}

ReloaderState Reloader::state() {
  const auto now = Clock::now();
  const std::lock_guard lock(mutex_);
  ReloaderState out;
  out.running.assign(queue_.running().begin(), queue_.running().end());
  out.waiting.assign(queue_.waiting().begin(), queue_.waiting().end());
  for (const ReloadQueue::Failing& f : queue_.failing())
    out.failing.push_back(
        {f.scope_id, f.attempts,
         std::max(std::chrono::milliseconds(0), std::chrono::duration_cast<std::chrono::milliseconds>(f.next - now))});
  return out;
}

bool Reloader::is_busy_with(const std::string& scope_id) {
  const std::lock_guard lock(mutex_);
  return queue_.is_busy_with(scope_id);
}

void Reloader::wait_idle() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return queue_.idle(); });
}

void Reloader::work(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    auto pick = queue_.take(Clock::now());
    if (!pick) {
      ++idle_;
      const auto ready = [&] { return queue_.has_ready(Clock::now()); };
      if (const auto due = queue_.next_due())
        changed_.wait_until(lock, stop, *due, ready);
      else
        changed_.wait(lock, stop, ready);
      --idle_;
      continue;
    }
    hire();
    lock.unlock();
    act(*pick, stop);
    lock.lock();
    hire();
    changed_.notify_all();
  }
}

void Reloader::act(const ReloadQueue::Pick& pick, std::stop_token stop) {
  const std::string& scope_id = pick.scope_id;
  ReconcileResult result;
  const bool done = unless_memory_is_refused("Reloader", "An update of '" + scope_id + "'", [&] {
    if (pick.recovery) {
      if (auto ended = recover_rotations(tools_, stop); ended.has_error() && !stop.stop_requested())
        log::warn("Reloader", render(ended.error()) + " Interrupted rolling updates wait for the engine");
      return;
    }
    if (pick.judge) {
      judge(scope_id, stop);
      return;
    }
    const auto may_try = [&](const std::string& content) {
      const std::lock_guard lock(mutex_);
      return queue_.may_try(scope_id, content, Clock::now());
    };
    result = bring(scope_id, {may_try, ReconcileFor::poll, pick.has_place}, stop);
  });
  const std::lock_guard lock(mutex_);
  if (!result.content.empty() && !result.failed) {
    const auto [first, last] = heard_.equal_range(scope_base(scope_id));
    for (auto it = first; it != last; ++it) it->second = result;
  }
  note(scope_id, result, queue_.ended(pick, outcome_of(result, stop.stop_requested()), Clock::now()));
  // what it was in the middle of is ended as after a crash
  if (!done && !stop.stop_requested() && !pick.recovery) queue_.recover();
}

void Reloader::judge(const std::string& scope_id, const std::stop_token& stop) {
  const ScopeVerdict verdict = judge_scope(tools_, scope_id, stop);
  if (verdict.taken_back && !stop.stop_requested()) metrics::add(metrics::Metric::reloads, "failed");
  const std::lock_guard lock(mutex_);
  std::erase_if(monitored_, [&](const auto& each) { return each.second == scope_id && !verdict.watched.contains(each.first); });
  const std::int64_t window = tools_.sources.config().agent.monitor.count();
  for (const auto& [container_id, since_boot_ms] : verdict.watched) {
    const std::chrono::milliseconds left(since_boot_ms + window - boot_ms());
    queue_.judge_at(scope_id, Clock::now() + std::max<std::chrono::milliseconds>(left, kLookAgain));
  }
}

/// Reconciles, and counts how it went.
ReconcileResult Reloader::bring(const std::string& scope_id, const ReconcileTry& how, std::stop_token stop) {
  ReconcileResult result = reconcile_scope(tools_, scope_id, how, stop);
  if (result.failed && !stop.stop_requested())
    metrics::add(metrics::Metric::reloads, "failed");
  else if (!result.failed && !result.content.empty())
    metrics::add(metrics::Metric::reloads, "done");
  return result;
}

/// A store that does not answer has one line when that begins, and one when it ends.
void Reloader::note(const std::string& scope_id, const ReconcileResult& result, ReloadQueue::Change change) {
  if (change.store_failed && result.error)
    log::error("Reloader", render(*result.error) + " The containers of '" + result.service + "' keep the last good secret");
  if (change.store_came_back)
    log::info("Reloader", "The secrets of '" + (result.service.empty() ? scope_id : result.service) + "' can be fetched again");
}

}  // namespace dso
