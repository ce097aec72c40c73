// Decide where from, fetch, plan, write: each step from another module, in this order and nowhere else.
#include "agent/deliver.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "agent/reload_target.h"
#include "base/clock.h"
#include "delivery/env_shim.h"
#include "delivery/scope_json.h"
#include "logic/given_digest.h"
#include "logic/given_names.h"
#include "logic/plan_delivery.h"
#include "logic/secret_json.h"
#include "model/leases.h"

namespace dso {
namespace {

constexpr int kTries = 5;  // while others write the same scope

/// The values of one instance. A version that is only a wish (the last one that worked) gives way to the present one.
Result<std::vector<SecretValue>> fetch_from(Sources& sources, const std::string& instance, std::vector<SecretRef> refs,
                                            const std::map<SecretKey, ValueOrigin>& origins, const Deadline& deadline,
                                            std::stop_token stop) {
  auto values = fetch_all(sources, instance, refs, deadline, stop);
  if (values.has_value() || is_transient(values.error().cls)) return values;
  bool wished = false;
  for (SecretRef& ref : refs) {
    const auto origin = origins.find({instance, ref.name});
    if (origin == origins.end() || origin->second.of_scope || ref.version.empty()) continue;
    ref.version.clear();
    wished = true;
  }
  return wished ? fetch_all(sources, instance, refs, deadline, std::move(stop)) : std::move(values);
}

/// What lies in the scope is not kept (an older version of DSO delivered it), and the store has another value: that would change
/// it in secret.
Error not_kept(const SecretKey& key) {
  return make_error(ErrorClass::unavailable, "Cannot keep the value of secret '" + key.name + "'",
                    "it was delivered by an older version of DSO, and the store does not have it any more",
                    "Bring its containers to the present value first (dso rotate), or create them anew.");
}

/// Nothing of it would be another file, variable, owner or value.
bool same_delivery(const ScopeState& before, const Scope& scope, const std::vector<DeliveredSecret>& delivered) {
  return delivery::scope_to_json(before.scope) == delivery::scope_to_json(scope) &&
         content_of(before.delivered) == content_of(delivered);
}

Result<Delivered> delivered_as(const Scope& scope, const DeliveryPlan& plan, const TmpfsStore& store) {
  Delivered out;
  out.mounts = store.mounts(scope.id, plan);
  out.has_env = !plan.env.empty();
  if (out.has_env) {
    DSO_TRY(out.shim_host_path, install_env_shim(store.paths().state_dir));
  }
  for (const PlannedEnv& e : plan.env) out.env_names.push_back(e.name);
  return out;
}

/// Anything there, as far as it is whole.
std::optional<ScopeState> present_state(const TmpfsStore& store, const std::string& scope_id) {
  auto there = store.read(scope_id);
  if (there.has_error() || there->delivered.empty()) return std::nullopt;
  return std::move(*there);
}

}  // namespace

void keep_lease(Sources& sources, const SecretKey& key, const Deadline& deadline) {
  const auto source = sources.get(key.instance, deadline);
  if (Leases* leases = source.has_value() ? leases_of(**source) : nullptr) leases->keep_lease(key.name);
}

KeptValues kept_values(const TmpfsStore& store, const std::string& scope_id, const std::map<SecretKey, ValueOrigin>& origins) {
  if (std::none_of(origins.begin(), origins.end(), [](const auto& o) { return o.second.of_scope; })) return {};
  auto values = store.values(scope_id);
  return values.has_value() ? std::move(*values) : KeptValues();
}

Result<FetchedScope> fetch_scope(const Scope& scope, Sources& sources, KeptValues kept, std::string_view digest_key,
                                 const std::map<SecretKey, ValueOrigin>& origins, const Deadline& deadline, std::stop_token stop,
                                 FetchFor what_for) {
  FetchedScope out;
  std::vector<SecretKey> keys;
  std::set<SecretKey> kept_here;
  std::map<std::string, std::vector<SecretRef>> wanted;  // by instance, each once
  for (const DeliveryItem& item : scope.items) {
    const SecretKey& key = item.secret;
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    keys.push_back(key);
    const auto origin = origins.find(key);
    const bool of_scope = origin != origins.end() && origin->second.of_scope;
    if (const auto there = kept.find(key); of_scope && there != kept.end()) {
      out.values.emplace(key, std::move(there->second));
      kept_here.insert(key);
    } else {
      wanted[key.instance].push_back({key.name, origin == origins.end() ? "" : origin->second.version});
    }
  }
  for (const auto& [instance, refs] : wanted) {
    DSO_TRY(auto values, fetch_from(sources, instance, refs, origins, deadline, stop));
    for (std::size_t i = 0; i < refs.size(); ++i) out.values.emplace(SecretKey{instance, refs[i].name}, std::move(values[i]));
  }
  for (const SecretKey& key : keys) {
    const SecretValue& value = out.values.at(key);
    out.delivered.push_back({key, value.version, secret_digest(digest_key, value), 0});
    const auto origin = origins.find(key);
    if (origin != origins.end() && origin->second.of_scope && origin->second.digest != out.delivered.back().digest)
      return not_kept(key);
    if (what_for == FetchFor::delivery && !kept_here.contains(key)) keep_lease(sources, key, deadline);
  }
  return out;
}

Result<DeliveryPlan> plan_fetched(const Scope& scope, FetchedScope& fetched, std::string_view digest_key) {
  DSO_TRY(DeliveryPlan plan, plan_of_values(scope, fetched.values));
  const auto given = given_digests(digest_key, plan);
  for (DeliveredSecret& d : fetched.delivered)
    if (const auto digest = given.find(d.secret); digest != given.end()) d.given = digest->second;
  return plan;
}

Result<DeliveryPlan> plan_update(const ScopeState& before, FetchedScope& fetched, std::string_view digest_key) {
  DSO_TRY(DeliveryPlan plan, plan_fetched(before.scope, fetched, digest_key));
  const std::string gone = not_given_any_more(before.given_names, plan);
  if (gone.empty()) return plan;
  return make_error(ErrorClass::invalid_request, "Cannot update the secrets of '" + before.scope.service + "'",
                    gone + " would go away: fields were added to its secret in the store, or removed",
                    "Put the fields back as they were, or remove its containers and create them anew.");
}

Result<Delivered> deliver_scope(const Scope& scope, Sources& sources, TmpfsStore& store, const Deadline& deadline,
                                std::stop_token stop, const std::string& joined) {
  DSO_TRY(const SecretBytes key, store.digest_key());
  const std::set<SecretKey> frozen = frozen_secrets(sources.config(), scope, {});
  const std::string& from = joined.empty() ? scope.id : joined;
  for (int tries = 1;; ++tries) {
    const auto before = present_state(store, scope.id), live = from == scope.id ? before : present_state(store, from);
    const auto origins = value_origins(scope, live ? &*live : nullptr, joined.empty() ? ScopeUse::unused : ScopeUse::in_use,
                                       frozen, store.judged_versions(scope.id));
    DSO_TRY(FetchedScope fetched,
            fetch_scope(scope, sources, kept_values(store, from, origins), key.reveal(), origins, deadline, stop));
    DSO_TRY(const DeliveryPlan plan, plan_fetched(scope, fetched, key.reveal()));
    if (before && same_delivery(*before, scope, fetched.delivered)) return delivered_as(scope, plan, store);

    DSO_TRY(const UniqueFd lock, store.lock(scope.id));
    const auto now = present_state(store, scope.id);
    const bool others_wrote =
        now.has_value() != before.has_value() || (now && content_of(now->delivered) != content_of(before->delivered));
    if (others_wrote && tries < kTries) continue;  // what is kept is another value by now
    ScopeState state = now.value_or(ScopeState{});
    // What lies there already keeps its time and its marks: delivering the same again must not look like a change.
    const std::vector<DeliveredSecret> old = std::exchange(state.delivered, std::move(fetched.delivered));
    (void)mark_changes(old, state.delivered);
    state.scope = scope;
    if (live) state.refused = live->refused, state.refused_given = live->refused_given;
    DSO_CHECK(store.write(state, plan, fetched.values));
    DSO_CHECK(store.forget_previous(scope.id));
    return delivered_as(scope, plan, store);
  }
}

}  // namespace dso
