// The rules of the queue; nothing waits here.
#include "logic/reload_queue.h"

#include <algorithm>

#include "logic/backoff.h"
#include "logic/rotation_names.h"

namespace dso {
namespace {

/// A value gets better by somebody's hand, a store that is away by itself.
std::chrono::milliseconds wait_after(const ReloadOutcome& outcome, int attempts) {
  using namespace std::chrono_literals;
  const bool passes = outcome.by == FailedBy::store && is_transient(outcome.cls);
  return passes ? backoff_exponential(attempts, 5s, 5min) : backoff_exponential(attempts, 1min, 1h);
}

}  // namespace

ReloadQueue::Known ReloadQueue::replaces(const std::string& scope_id) const {
  const auto known = replaces_.find(scope_base(scope_id));
  return known == replaces_.end() ? Known::nothing : known->second ? Known::yes : Known::no;
}

bool ReloadQueue::waits_for_store(const std::string& scope_id, Time now) const {
  const auto failure = failures_.find(scope_id);
  return failure != failures_.end() && failure->second.by == FailedBy::store && failure->second.next > now;
}

void ReloadQueue::request(const std::string& scope_id, Time now) {
  if (!waits_for_store(scope_id, now)) waiting_.insert(scope_id);
}

void ReloadQueue::engine_is_back() {
  for (auto& [scope_id, failure] : failures_)
    if (failure.by == FailedBy::engine) {
      failure.next = {};
      waiting_.insert(scope_id);
    }
}

void ReloadQueue::store_is_back() {
  for (auto& [scope_id, failure] : failures_)
    if (failure.by == FailedBy::store) {
      failure.next = {};
      waiting_.insert(scope_id);
    }
}

void ReloadQueue::retry_failed(Time now) {
  for (auto& [scope_id, failure] : failures_)
    if (failure.next <= now) {
      failure.asked_for = true;
      waiting_.insert(scope_id);
    }
}

void ReloadQueue::judge_at(const std::string& scope_id, Time when) {
  const auto [verdict, is_new] = verdicts_.emplace(scope_id, when);
  if (!is_new) verdict->second = std::min(verdict->second, when);
}

std::map<std::string, ReloadQueue::Time>::const_iterator ReloadQueue::next_verdict(Time now) const {
  return std::find_if(verdicts_.begin(), verdicts_.end(), [&](const auto& verdict) {
    return verdict.second <= now && !running_.contains(scope_base(verdict.first));
  });
}

std::set<std::string>::const_iterator ReloadQueue::next_ready() const {
  auto failed_before = waiting_.end();
  for (auto it = waiting_.begin(); it != waiting_.end(); ++it) {
    // Never two generations of one scope at once: their containers are replicas of one service.
    if (running_.contains(scope_base(*it)) || (replaces(*it) == Known::yes && places_taken_ >= places_)) continue;
    if (!failures_.contains(*it)) return it;
    if (failed_before == waiting_.end()) failed_before = it;
  }
  return failed_before;
}

bool ReloadQueue::has_ready(Time now) const {
  if (recovery_runs_) return false;
  if (recovery_waits_) return running_.empty();
  const auto due = next_due();
  return next_ready() != waiting_.end() || next_verdict(now) != verdicts_.end() || (due && *due <= now);
}

std::optional<ReloadQueue::Pick> ReloadQueue::take(Time now) {
  if (recovery_runs_) return std::nullopt;
  if (recovery_waits_) {
    if (!running_.empty()) return std::nullopt;
    recovery_waits_ = false;
    recovery_runs_ = true;
    return Pick{{}, false, true, false};
  }
  if (const auto verdict = next_verdict(now); verdict != verdicts_.end()) {
    const std::string scope_id = verdict->first;
    verdicts_.erase(verdict);
    running_.insert(scope_base(scope_id));
    return Pick{scope_id, false, false, true};
  }
  for (auto& [scope_id, failure] : failures_)
    if (!failure.asked_for && failure.next <= now) {
      failure.asked_for = true;
      waiting_.insert(scope_id);
    }
  const auto next = next_ready();
  if (next == waiting_.end()) return std::nullopt;
  Pick pick{*next, places_taken_ < places_ && replaces(*next) != Known::no, false, false};
  waiting_.erase(next);
  running_.insert(scope_base(pick.scope_id));
  places_taken_ += pick.has_place ? 1 : 0;
  return pick;
}

std::optional<ReloadQueue::Time> ReloadQueue::next_due() const {
  std::optional<Time> out;
  if (recovery_waits_ || recovery_runs_) return out;
  const auto add = [&](const std::string& scope_id, Time when) {
    if (!running_.contains(scope_base(scope_id))) out = out ? std::min(*out, when) : when;
  };
  for (const auto& [scope_id, failure] : failures_)
    if (!failure.asked_for && !waiting_.contains(scope_id)) add(scope_id, failure.next);
  for (const auto& [scope_id, when] : verdicts_) add(scope_id, when);
  return out;
}

ReloadQueue::Change ReloadQueue::ended(const Pick& pick, const ReloadOutcome& outcome, Time now) {
  if (pick.recovery) {
    recovery_runs_ = false;
    return {};
  }
  running_.erase(scope_base(pick.scope_id));
  places_taken_ -= pick.has_place ? 1 : 0;
  if (pick.judge) return {};
  if (outcome.kind == ReloadOutcome::Kind::needs_place) {
    replaces_[scope_base(pick.scope_id)] = true;
    waiting_.insert(pick.scope_id);
    return {};
  }
  return note(pick.scope_id, outcome, now);
}

ReloadQueue::Change ReloadQueue::note(const std::string& scope_id, const ReloadOutcome& outcome, Time now) {
  using Kind = ReloadOutcome::Kind;
  if (outcome.kind == Kind::gone)
    replaces_.erase(scope_base(scope_id));
  else if (outcome.kind == Kind::done)
    replaces_[scope_base(scope_id)] = outcome.replaces;
  if (outcome.kind == Kind::failed) return fail(scope_id, outcome, now);
  const auto failure = failures_.find(scope_id);
  if (failure == failures_.end()) return {};
  const bool by_store = failure->second.by == FailedBy::store;
  if (outcome.kind == Kind::done || outcome.kind == Kind::gone || (by_store && outcome.fetched)) failures_.erase(failure);
  return {false, by_store && outcome.fetched};
}

ReloadQueue::Change ReloadQueue::fail(const std::string& scope_id, const ReloadOutcome& outcome, Time now) {
  const auto before = failures_.find(scope_id);
  const bool was_store = before != failures_.end() && before->second.by == FailedBy::store;
  const bool is_store = outcome.by == FailedBy::store;
  const bool same_fault = is_store ? was_store && before->second.cls == outcome.cls
                                   : before != failures_.end() && !was_store && before->second.content == outcome.content;
  const int attempts = same_fault ? before->second.attempts : 0;
  failures_[scope_id] = {outcome.content, outcome.by, outcome.cls, attempts + 1, now + wait_after(outcome, attempts), false};
  return {is_store && !same_fault, was_store && !is_store};
}

bool ReloadQueue::at_rest(const std::string& scope_id) const {
  return !running_.contains(scope_base(scope_id)) && !recovery_runs_;
}

void ReloadQueue::begin_alone(const std::string& scope_id) {
  running_.insert(scope_base(scope_id));
}

void ReloadQueue::end_alone(const std::string& scope_id) {
  running_.erase(scope_base(scope_id));
}

bool ReloadQueue::may_try(const std::string& scope_id, const std::string& content, Time now) const {
  const auto failure = failures_.find(scope_id);
  return failure == failures_.end() || failure->second.content != content || now >= failure->second.next;
}

bool ReloadQueue::is_busy_with(const std::string& scope_id) const {
  return running_.contains(scope_base(scope_id)) || waiting_.contains(scope_id);
}

std::vector<ReloadQueue::Failing> ReloadQueue::failing() const {
  std::vector<Failing> out;
  for (const auto& [scope_id, f] : failures_) out.push_back({scope_id, f.attempts, f.next});
  return out;
}

}  // namespace dso
