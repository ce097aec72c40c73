// The reconciliation of one scope, straight through, and the workers that run it.
#include "agent/reloader.h"

#include <algorithm>

#include "agent/apply_reload.h"
#include "agent/deliver.h"
#include "base/clock.h"
#include "base/log.h"
#include "logic/backoff.h"
#include "logic/plan_reload.h"
#include "logic/resolve_targets.h"

namespace dso {
namespace {

constexpr std::chrono::seconds kFetchDeadline{60};
constexpr std::chrono::seconds kEngineDeadline{30};

std::string content_of(const std::vector<DeliveredSecret>& delivered) {
  std::string out;
  for (const DeliveredSecret& d : delivered) out += applied_key(d.secret) + "=" + d.digest + ";";
  return out;
}

/// Secrets with `rotation: false` stay at the version that was delivered first.
std::map<SecretKey, std::string> pinned_versions(const Config& config, const ScopeState& state) {
  std::map<SecretKey, std::string> out;
  for (const DeliveredSecret& d : state.delivered) {
    const SecretConfig* entry = find_secret(config, d.secret);
    if (entry && !entry->rotation && !d.version.empty()) out.emplace(d.secret, d.version);
  }
  return out;
}

/// `next` with the delivery times of what did not change, and the keys of what did.
std::vector<SecretKey> mark_changes(const std::vector<DeliveredSecret>& before, std::vector<DeliveredSecret>& next) {
  std::vector<SecretKey> changed;
  for (DeliveredSecret& now : next) {
    auto was = std::find_if(before.begin(), before.end(), [&](const DeliveredSecret& b) { return b.secret == now.secret; });
    if (was != before.end() && was->digest == now.digest) {
      now.delivered_at_ms = was->delivered_at_ms;
      now.delivered_boot_ms = was->delivered_boot_ms;
    } else {
      now.delivered_at_ms = unix_ms();
      now.delivered_boot_ms = boot_ms();
      changed.push_back(now.secret);
    }
  }
  return changed;
}

void mark_applied(ScopeState& state, const Container& c, const std::string& how) {
  auto& told = state.applied[c.id];
  for (const DeliveredSecret& d : state.delivered) told[applied_key(d.secret)] = d.digest;
  state.last_rotation[c.id] = how;
}

std::string names(const std::vector<SecretKey>& keys) {
  std::string out;
  for (const SecretKey& k : keys) out += (out.empty() ? "'" : ", '") + k.name + "'";
  return out;
}

struct Target {
  Container container;
  StrategyChoice choice;
};

/// The opted-in, running containers of a scope, and what to do to each if `changed` changes.
Result<std::vector<Container>> containers_of(const Engine& engine, const std::string& scope_id, std::stop_token stop) {
  const Deadline deadline = Deadline::in(kEngineDeadline);
  DSO_TRY(auto listed,
          engine.list({{"label", {std::string(label::kReloader) + "=true", std::string(label::kScope) + "=" + scope_id}}},
                      deadline, stop));
  std::vector<Container> out;
  for (const Container& summary : listed) {
    if (summary.state != "running") continue;
    auto whole = engine.inspect(summary.id, deadline, stop);
    if (whole.has_error() && whole.error().cls == ErrorClass::not_found) continue;  // it vanished in the middle
    if (whole.has_error()) return whole.error();
    if (whole->state == "running") out.push_back(std::move(*whole));
  }
  return out;
}

/// False and one log line if any container's strategy cannot be done: then the files must not change under it either.
bool all_possible(const std::vector<Target>& targets) {
  bool possible = true;
  for (const Target& t : targets) {
    if (t.choice.refusal.empty()) continue;
    possible = false;
    log::error("Reloader", std::string(reload_word(t.choice.type)) + " failed for '" + t.container.name +
                               "': " + t.choice.refusal + " (" + t.choice.reason + "). It keeps the last good secret");
  }
  return possible;
}

}  // namespace

Reloader::Reloader(Sources& sources, TmpfsStore& store, const Engine& engine, int max_parallel)
    : sources_(sources), store_(store), engine_(engine) {
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

void Reloader::work(std::stop_token stop) {
  while (!stop.stop_requested()) {
    std::string scope_id;
    {
      std::unique_lock lock(mutex_);
      const auto ready = [this] {
        return std::find_if(waiting_.begin(), waiting_.end(), [this](const std::string& id) { return !running_.contains(id); });
      };
      if (!changed_.wait(lock, stop, [&] { return ready() != waiting_.end(); })) return;
      scope_id = *ready();
      waiting_.erase(scope_id);
      running_.insert(scope_id);
    }
    reconcile(scope_id, stop);
    std::lock_guard lock(mutex_);
    running_.erase(scope_id);
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

void Reloader::reconcile(const std::string& scope_id, std::stop_token stop) {
  const auto failed = [&](const Error& e, std::string_view doing) {
    if (!stop.stop_requested())
      log::error("Reloader", "Cannot " + std::string(doing) + " '" + scope_id + "': " + render(e) +
                                 " The containers keep the last good secret");
  };
  auto lock = store_.lock(scope_id);
  if (lock.has_error()) return failed(lock.error(), "lock");
  auto before = store_.read(scope_id);
  if (before.has_error()) return;  // gone since: nothing is mounted from it any more
  auto digest_key = store_.digest_key();
  if (digest_key.has_error()) return failed(digest_key.error(), "compare");

  const Config& config = sources_.config();
  auto fetched = fetch_scope(before->scope, sources_, digest_key->reveal(), pinned_versions(config, *before),
                             Deadline::in(kFetchDeadline), stop);
  if (fetched.has_error()) {
    if (!stop.stop_requested())
      log::error("Watcher",
                 render(fetched.error()) + " The containers of '" + before->scope.service + "' keep the last good secret");
    return;
  }
  ScopeState next = *before;
  next.delivered = fetched->delivered;
  const std::vector<SecretKey> changed = mark_changes(before->delivered, next.delivered);
  const std::string content = content_of(next.delivered);
  if (!may_try(scope_id, content)) return;

  auto containers = containers_of(engine_, scope_id, stop);
  if (containers.has_error()) return failed(containers.error(), "look at the containers of");
  std::vector<Target> targets;
  for (Container& c : *containers) {
    const std::vector<SecretKey> stale = stale_secrets(next, c);
    if (!stale.empty()) targets.push_back({c, choose_strategy(config, next.scope, stale, c)});
  }
  if (!all_possible(targets)) return record(scope_id, content, true);

  // Marks of containers that are gone.
  std::erase_if(next.applied, [&](const auto& entry) {
    return std::none_of(containers->begin(), containers->end(), [&](const Container& c) { return c.id == entry.first; });
  });
  if (!changed.empty()) {
    auto plan = plan_fetched(next.scope, *fetched);
    if (plan.has_error()) {
      failed(plan.error(), "deliver to");
      return record(scope_id, content, true);
    }
    if (auto written = store_.write(next, *plan); written.has_error()) {
      failed(written.error(), "write the files of");
      return record(scope_id, content, true);
    }
    log::info("Reloader", "Delivered " + names(changed) + " to '" + next.scope.service + "'");
  }
  for (const Target& t : targets) {
    auto done = apply_reload(engine_, t.container, t.choice, stop);
    if (done.has_error() && stop.stop_requested()) return;  // the next start of the agent finds it stale and goes on
    if (done.has_error()) {
      log::error("Reloader",
                 std::string(reload_word(t.choice.type)) + " failed for '" + t.container.name + "': " + done.error().cause);
      if (!changed.empty() && t.choice.type == Strategy::restart) {
        if (store_.restore_previous(scope_id).has_value()) {
          auto again = engine_.restart(t.container.id, std::chrono::seconds(10), Deadline::in(std::chrono::seconds(40)), stop);
          log::error("Reloader", "'" + t.container.name + "' was restarted with the last good secret" +
                                     (again.has_error() ? ", which failed: " + render(again.error()) : std::string()) +
                                     ". Correct the value of " + names(changed) + " in the store");
        }
      }
      return record(scope_id, content, true);
    }
    mark_applied(next, t.container, std::string(strategy_name(t.choice.type)) + ": " + t.choice.reason);
    if (auto saved = store_.save_state(next); saved.has_error()) failed(saved.error(), "record the state of");
  }
  if (auto forgotten = store_.forget_previous(scope_id); forgotten.has_error())
    failed(forgotten.error(), "wipe the old files of");
  record(scope_id, content, false);
}

}  // namespace dso
