// Every candidate is looked at again under its lock, since another process may just be delivering to it.
#include "agent/gc_scopes.h"

#include <sys/stat.h>

#include <algorithm>

#include "agent/deadlines.h"
#include "base/log.h"
#include "base/pause.h"
#include "base/said_once.h"
#include "delivery/scope_hold.h"
#include "logic/mounted_scopes.h"
#include "logic/rotation_names.h"
#include "logic/volume_options.h"

namespace dso {
namespace {

constexpr std::int64_t kGraceMs = 60'000;
constexpr std::chrono::seconds kRemoval{10};
constexpr std::chrono::milliseconds kBetweenLooks{50};

/// When the scope was last written: the folder changes with each switch, also where the values are the same as before.
std::int64_t written_at_ms(const TmpfsStore& store, const std::string& id) {
  std::int64_t latest = 0;
  if (auto state = store.read(id); state.has_value())
    for (const DeliveredSecret& d : state->delivered) latest = std::max(latest, d.delivered_at_ms);
  struct stat st {};
  const std::string folder = store.paths().secrets_dir() + "/" + id;
  if (stat(folder.c_str(), &st) == 0)
    latest = std::max(latest, static_cast<std::int64_t>(st.st_mtim.tv_sec) * 1000 + st.st_mtim.tv_nsec / 1'000'000);
  return latest;
}

/// Each is gone, on its way out, or has ended and goes by itself (--rm).
bool all_of_them_go(const Engine& engine, const std::vector<Container>& users) {
  return std::all_of(users.begin(), users.end(), [&](const Container& c) {
    if (c.state == "removing" || c.state == "dead") return true;
    if (c.state != "exited") return false;
    const auto whole = engine.inspect(c.id, Deadline::in(kPatientEngineDeadline));
    return whole.has_value() ? whole->auto_remove : whole.error().cls == ErrorClass::not_found;
  });
}

/// One that cannot be wiped is looked at again next time, and the others are wiped all the same.
void tell_once(const Error& e) {
  static SaidOnce said;
  if (const std::string text = render(e); said.first(text)) log::warn("Agent", text + " Trying again each minute");
}

}  // namespace

Result<std::set<std::string>> scopes_in_use(const Engine& engine, const std::string& secrets_dir, const Deadline& deadline,
                                            std::stop_token stop) {
  DSO_TRY(const auto containers, engine.list_all({}, deadline, stop));
  std::set<std::string> out;
  for (const Container& c : containers)
    for (std::string& id : mounted_scopes(c, secrets_dir)) out.insert(std::move(id));
  return out;
}

Result<std::set<std::string>> live_scopes(const Engine& engine, const std::string& secrets_dir, const Deadline& deadline,
                                          std::stop_token stop) {
  DSO_TRY(const auto containers, engine.list_all({{"status", {"running", "paused", "restarting"}}}, deadline, stop));
  std::set<std::string> out;
  for (const Container& c : containers)
    for (std::string& id : mounted_scopes(c, secrets_dir)) out.insert(std::move(id));
  return out;
}

void drop_unused(const Engine& engine, TmpfsStore& store, const std::string& scope_id) {
  const Deadline patience = Deadline::in(kRemoval);
  while (true) {
    auto users = engine.list_all({}, Deadline::in(kPatientEngineDeadline));
    if (users.has_error()) return;
    std::erase_if(*users, [&](const Container& c) { return !mounts_scope(c, store.paths().secrets_dir(), scope_id); });
    if (users->empty()) {
      (void)store.remove(scope_id);
      return;
    }
    // From engine 29 on `docker run --rm` returns while the container that it ran is still being removed.
    if (!all_of_them_go(engine, *users) || patience.passed()) return;
    pause_for(kBetweenLooks, {});
  }
}

Result<std::vector<std::string>> gc_scopes(const Engine& engine, TmpfsStore& store, const std::set<std::string>& force,
                                           std::int64_t now_ms, const Deadline& deadline, std::stop_token stop) {
  // Scopes first: one that appears after the list of containers was taken is not looked at.
  std::set<std::string> candidates;
  for (const std::string& id : store.list()) candidates.insert(id);
  for (const Scope& scope : store.known_scopes()) candidates.insert(scope.id);
  if (candidates.empty()) return std::vector<std::string>{};
  DSO_TRY(std::set<std::string> used, scopes_in_use(engine, store.paths().secrets_dir(), deadline, stop));
  // Where the containers of a rolling update came from: `dso rollback` goes back there.
  for (const std::string& id : std::set<std::string>(used))
    if (auto state = store.read(id); state.has_value() && !state->previous_scope.empty()) used.insert(state->previous_scope);
  // With a scope goes what a rolling update has left of its other generations, unless one of them is in use: then the next one
  // may be in the making.
  std::set<std::string> ended;
  for (const std::string& id : force) ended.insert(scope_base(id));
  for (const std::string& id : used) ended.erase(scope_base(id));
  std::vector<std::string> removed;
  for (const std::string& id : candidates) {
    if (used.contains(id) || is_volume_scope(id)) continue;  // volumes end as the engine's calls say (agent/volumes)
    const auto lock = store.lock(id);
    if (lock.has_error()) {
      tell_once(lock.error());
      continue;
    }
    if (!force.contains(id) && !ended.contains(scope_base(id)) && written_at_ms(store, id) > now_ms - kGraceMs) continue;
    const auto claim =
        claim_unheld(store, id);  // a `run` or `up` that holds it has no container yet: it may pull or build for hours
    if (claim.has_error()) tell_once(claim.error());
    if (claim.has_error() || !*claim) continue;
    if (const auto gone = store.remove(id); gone.has_error())
      tell_once(gone.error());
    else
      removed.push_back(id);
  }
  return removed;
}

}  // namespace dso
