// Fetch, plan, write: each step from another module, in this order and nowhere else.
#include "agent/deliver.h"

#include <set>
#include <utility>

#include "base/clock.h"
#include "delivery/env_shim.h"
#include "logic/plan_delivery.h"
#include "logic/secret_json.h"
#include "model/leases.h"

namespace dso {

void keep_lease(Sources& sources, const SecretKey& key, const Deadline& deadline) {
  const auto source = sources.get(key.instance, deadline);
  if (Leases* leases = source.has_value() ? leases_of(**source) : nullptr) leases->keep_lease(key.name);
}

Result<FetchedScope> fetch_scope(const Scope& scope, Sources& sources, std::string_view digest_key,
                                 const std::map<SecretKey, std::string>& pinned, const Deadline& deadline, std::stop_token stop,
                                 FetchFor what_for) {
  std::vector<SecretKey> keys;
  std::map<std::string, std::vector<SecretRef>> wanted;  // by instance, each once
  std::set<SecretKey> seen;
  for (const DeliveryItem& item : scope.items) {
    if (!seen.insert(item.secret).second) continue;
    auto pin = pinned.find(item.secret);
    keys.push_back(item.secret);
    wanted[item.secret.instance].push_back({item.secret.name, pin == pinned.end() ? "" : pin->second});
  }
  FetchedScope out;
  for (const auto& [instance, refs] : wanted) {
    DSO_TRY(auto values, fetch_all(sources, instance, refs, deadline, stop));
    for (std::size_t i = 0; i < refs.size(); ++i) out.values.emplace(SecretKey{instance, refs[i].name}, std::move(values[i]));
  }
  for (const SecretKey& key : keys) {
    if (what_for == FetchFor::delivery) keep_lease(sources, key, deadline);
    const SecretValue& value = out.values.at(key);
    out.delivered.push_back({key, value.version, secret_digest(digest_key, value), 0});
  }
  return out;
}

Result<DeliveryPlan> plan_fetched(const Scope& scope, const FetchedScope& fetched) {
  std::map<SecretKey, const SecretValue*> borrowed;
  for (const auto& [key, value] : fetched.values) borrowed.emplace(key, &value);
  return plan_delivery(scope, borrowed);
}

Result<Delivered> deliver_scope(const Scope& scope, Sources& sources, TmpfsStore& store, const Deadline& deadline,
                                std::stop_token stop) {
  DSO_TRY(SecretBytes key, store.digest_key());
  DSO_TRY(FetchedScope fetched, fetch_scope(scope, sources, key.reveal(), {}, deadline, stop));
  DSO_TRY(DeliveryPlan plan, plan_fetched(scope, fetched));

  DSO_TRY(UniqueFd lock, store.lock(scope.id));
  ScopeState state;
  // What lies there already keeps its time and its marks: delivering the same again must not look like a change.
  if (auto before = store.read(scope.id); before.has_value()) state = std::move(*before);
  const std::vector<DeliveredSecret> old = std::exchange(state.delivered, std::move(fetched.delivered));
  state.scope = scope;
  for (DeliveredSecret& now : state.delivered) {
    now.delivered_at_ms = unix_ms();
    now.delivered_boot_ms = boot_ms();
    for (const DeliveredSecret& was : old)
      if (was.secret == now.secret && was.digest == now.digest) {
        now.delivered_at_ms = was.delivered_at_ms;
        now.delivered_boot_ms = was.delivered_boot_ms;
      }
  }
  DSO_CHECK(store.write(state, plan));
  DSO_CHECK(store.forget_previous(scope.id));

  Delivered out;
  out.mounts = store.mounts(scope.id, plan);
  out.has_env = !plan.env.empty();
  if (out.has_env) {
    DSO_TRY(out.shim_host_path, install_env_shim(store.paths().state_dir));
  }
  for (const PlannedEnv& e : plan.env) out.env_names.push_back(e.name);
  return out;
}

}  // namespace dso
