// Matching targets, and the label that asks for secrets by name.
#include "logic/resolve_targets.h"

#include <algorithm>

#include "logic/reference.h"
#include "logic/steering_names.h"
#include "logic/text.h"

namespace dso {
namespace {

DeliveryItem item_from(const SecretConfig& secret) {
  return {{secret.provider, secret.name}, secret.inject, secret.mappings};
}

bool has_item(const std::vector<DeliveryItem>& items, const SecretKey& key) {
  return std::any_of(items.begin(), items.end(), [&key](const DeliveryItem& i) { return i.secret == key; });
}

/// "name#field" delivers that field alone, under the name the config gives it, else under its own.
Result<void> keep_field(DeliveryItem& item, const std::string& field) {
  auto mapped = std::find_if(item.mappings.begin(), item.mappings.end(), [&field](const Mapping& m) { return m.field == field; });
  const std::string_view last = std::string_view(field).substr(
      field.find_last_of("#.") == std::string::npos || field[0] != '#' ? 0 : field.find_last_of("#.") + 1);
  Mapping only{field, item.inject.type == InjectType::env ? env_name_from(last) : std::string(last)};
  if (mapped != item.mappings.end()) only = *mapped;
  if (mapped == item.mappings.end() && item.inject.type == InjectType::env)
    if (auto why = why_not_unasked(only.dest))
      return make_error(ErrorClass::config, "The field '" + field + "' of secret '" + item.secret.name + "'", std::move(*why),
                        "Give the secret an entry in dso.yaml whose `mappings` name the variable.");
  item.mappings = {std::move(only)};
  return {};
}

Error bad_label(const TargetFacts& facts, const Error& why) {
  Error e;
  e.cls = ErrorClass::config;
  e.what = "Cannot read the label " + std::string(label::kSecrets) + " of '" +
           printable(facts.name.empty() ? facts.service : facts.name) + "'";
  e.cause = why.what + ": " + why.cause;
  e.next = why.next;
  return e;
}

}  // namespace

bool is_target(const Targets& targets, const TargetFacts& facts) {
  if (targets.empty()) return false;
  const auto& names = targets.containers;
  const auto named = [&names](const std::string& name) {
    return !name.empty() && std::find(names.begin(), names.end(), name) != names.end();
  };
  if (!names.empty() && !named(facts.name) && !named(facts.service)) return false;
  return std::all_of(targets.labels.begin(), targets.labels.end(), [&facts](const auto& wanted) {
    auto it = facts.labels.find(wanted.first);
    return it != facts.labels.end() && it->second == wanted.second;
  });
}

const SecretConfig* find_secret(const Config& config, const SecretKey& key) {
  for (const SecretConfig& s : config.secrets)
    if (s.provider == key.instance && s.name == key.name) return &s;
  return nullptr;
}

TargetFacts facts_of(const Container& container) {
  return {container.name, container.label_or(label::kComposeService), container.labels};
}

const SecretConfig* entry_of(const Config& config, const SecretKey& key, const TargetFacts& facts) {
  for (const SecretConfig& s : config.secrets)
    if (s.provider == key.instance && s.name == key.name && is_target(s.targets, facts)) return &s;
  return find_secret(config, key);
}

DeliveryItem item_for(const Config& config, const SecretKey& key) {
  if (const SecretConfig* secret = find_secret(config, key)) return item_from(*secret);
  return {key, config.default_inject, {}};
}

Result<std::vector<DeliveryItem>> resolve_items(const Config& config, const TargetFacts& facts) {
  std::vector<DeliveryItem> items;
  for (const SecretConfig& secret : config.secrets)
    if (is_target(secret.targets, facts) && !has_item(items, {secret.provider, secret.name})) items.push_back(item_from(secret));

  const auto listed = facts.labels.find(label::kSecrets);
  if (listed == facts.labels.end()) return items;
  for (std::string_view rest = listed->second; !rest.empty();) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view text = trim(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    if (text.empty()) continue;
    const auto reference = parse_reference(text, config);
    if (reference.has_error()) return bad_label(facts, reference.error());
    if (has_item(items, reference->key)) continue;
    DeliveryItem item = item_for(config, reference->key);
    if (!reference->field.empty())
      if (auto kept = keep_field(item, reference->field); kept.has_error()) return bad_label(facts, kept.error());
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace dso
