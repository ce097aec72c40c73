// Looking and comparing; nothing is changed here.
#include "agent/reload_target.h"

#include <algorithm>
#include <iterator>

#include "agent/apply_reload.h"
#include "agent/deadlines.h"
#include "agent/seen_mount.h"
#include "base/clock.h"
#include "base/log.h"
#include "logic/given_digest.h"
#include "logic/mounted_scopes.h"
#include "logic/volume_options.h"

namespace dso {

Result<std::vector<Container>> scope_users(const Engine& engine, const TmpfsStore& store, const Scope& scope,
                                           std::stop_token stop) {
  const Deadline deadline = Deadline::in(kPatientEngineDeadline);
  const bool volume = is_volume_scope(scope.id);
  // The engine finds a bind mount by its source as it finds a volume by its name, and asks no label.
  const auto sources = volume ? std::vector<std::string>{volume_of_scope(scope)} : store.mount_sources(scope.id);
  std::vector<Container> out;
  if (sources.empty()) return out;
  DSO_TRY(auto listed,
          engine.list_all({{"label", {std::string(label::kReloader) + "=true"}}, {"volume", sources}}, deadline, stop));
  const auto mounts_it = [&](const Container& c) {
    return c.state != "removing" && c.state != "dead" && (volume || mounts_scope(c, store.paths().secrets_dir(), scope.id));
  };
  for (const Container& summary : listed) {
    if (!mounts_it(summary)) continue;
    auto whole = engine.look_at(summary.id, deadline, stop);
    if (whole.has_error() && whole.error().cls == ErrorClass::not_found) continue;  // it vanished in the middle
    if (whole.has_error()) return whole.error();
    if (!whole->opted_in() || !mounts_it(*whole)) continue;
    see_mount(*whole, store);
    out.push_back(std::move(*whole));
  }
  std::sort(out.begin(), out.end(), [](const Container& a, const Container& b) { return a.name < b.name; });
  return out;
}

std::vector<Container> with_process(const std::vector<Container>& users) {
  std::vector<Container> out;
  std::copy_if(users.begin(), users.end(), std::back_inserter(out), [](const Container& c) { return has_process(c); });
  return out;
}

bool all_possible(const std::vector<ReloadTarget>& targets) {
  bool possible = true;
  for (const ReloadTarget& t : targets) {
    if (t.choice.refusal.empty()) continue;
    possible = false;
    log::error("Reloader", std::string(reload_word(t.choice.type)) + " failed for '" + t.container.name +
                               "': " + t.choice.refusal + " (" + t.choice.reason + "). It keeps the last good secret");
  }
  return possible;
}

std::vector<SecretKey> mark_changes(const std::vector<DeliveredSecret>& before, std::vector<DeliveredSecret>& next) {
  std::vector<SecretKey> changed;
  for (DeliveredSecret& now : next) {
    if (const DeliveredSecret* was = find_delivered(before, now.secret); was && same_given(*was, now)) {
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

Result<std::map<SecretKey, ValueOrigin>> rotation_origins(const Config& config, const Engine& engine, const TmpfsStore& store,
                                                          const ScopeState& state, std::stop_token stop) {
  std::vector<Container> users;
  if (entries_disagree(config, state.scope)) {
    DSO_TRY(users, scope_users(engine, store, state.scope, stop));
  }
  std::map<SecretKey, ValueOrigin> out;
  for (const SecretKey& key : frozen_secrets(config, state.scope, users))
    if (const DeliveredSecret* there = find_delivered(state.delivered, key))
      out.emplace(key, ValueOrigin{true, there->version, there->digest});
  return out;
}

std::string content_of(const std::vector<DeliveredSecret>& delivered) {
  std::string out;
  for (const DeliveredSecret& d : delivered) out += applied_key(d.secret) + "=" + given_digest(d) + ";";
  return out;
}

std::string quoted_names(const std::vector<SecretKey>& keys) {
  std::string out;
  for (const SecretKey& k : keys) out += (out.empty() ? "'" : ", '") + k.name + "'";
  return out;
}

}  // namespace dso
