// What lies there first, then what was judged, then the present.
#include "logic/value_origin.h"

#include <algorithm>

#include "logic/given_digest.h"
#include "logic/plan_reload.h"
#include "logic/resolve_targets.h"

namespace dso {
namespace {

bool is_frozen(const Config& config, const SecretKey& key, const TargetFacts& facts) {
  const SecretConfig* entry = entry_of(config, key, facts);
  return entry && !entry->rotation;
}

/// "project/service", or a container's name.
TargetFacts facts_of_scope(const Scope& scope) {
  const std::size_t slash = scope.service.find('/');
  return {scope.service, slash == std::string::npos ? std::string() : scope.service.substr(slash + 1), {}};
}

}  // namespace

std::map<SecretKey, ValueOrigin> value_origins(const Scope& scope, const ScopeState* before, ScopeUse use,
                                               const std::set<SecretKey>& frozen,
                                               const std::map<std::string, std::string>& judged) {
  std::map<SecretKey, ValueOrigin> out;
  for (const DeliveryItem& item : scope.items) {
    ValueOrigin& origin = out[item.secret];
    if (const DeliveredSecret* there = before ? find_delivered(before->delivered, item.secret) : nullptr) {
      const bool held_back = before->refused.contains(applied_key(item.secret));
      origin.of_scope = use == ScopeUse::in_use || frozen.contains(item.secret) || held_back;
      if (origin.of_scope) origin.version = there->version;
      if (origin.of_scope) origin.digest = there->digest;
    } else if (const auto version = judged.find(applied_key(item.secret)); version != judged.end()) {
      origin.version = version->second;
    }
  }
  return out;
}

std::set<SecretKey> frozen_secrets(const Config& config, const Scope& scope, const std::vector<Container>& users) {
  std::set<SecretKey> out;
  for (const DeliveryItem& item : scope.items) {
    const auto frozen_for = [&](const Container& c) { return is_frozen(config, item.secret, facts_of(c)); };
    if (users.empty() ? is_frozen(config, item.secret, facts_of_scope(scope))
                      : std::any_of(users.begin(), users.end(), frozen_for))
      out.insert(item.secret);
  }
  return out;
}

bool entries_disagree(const Config& config, const Scope& scope) {
  return std::any_of(scope.items.begin(), scope.items.end(), [&](const DeliveryItem& item) {
    bool frozen = false, rotated = false;
    for (const SecretConfig& s : config.secrets)
      if (s.provider == item.secret.instance && s.name == item.secret.name) (s.rotation ? rotated : frozen) = true;
    return frozen && rotated;
  });
}

}  // namespace dso
