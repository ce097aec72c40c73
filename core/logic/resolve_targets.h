// Which secrets a container uses, and how, from the config and the container's labels. Pure.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/config.h"
#include "model/container.h"
#include "model/delivery.h"

namespace dso {

/// What is known of a container before or after it exists.
struct TargetFacts {
  std::string name;     ///< Container name, may be empty.
  std::string service;  ///< Compose service, may be empty.
  std::map<std::string, std::string> labels;
};

/// All that `targets` name must match; targets that name nothing match nothing.
bool is_target(const Targets& targets, const TargetFacts& facts);
/// From `secrets[].targets` that match, then from the label dso.secrets (with the config's settings for that secret where it
/// has an entry, else the defaults). Each secret once.
Result<std::vector<DeliveryItem>> resolve_items(const Config& config, const TargetFacts& facts);
TargetFacts facts_of(const Container& container);
/// The entry by which a container has a secret: of several for one secret the first whose targets match it, else the first (the
/// label dso.secrets asks by name). Null: the config has none.
const SecretConfig* entry_of(const Config& config, const SecretKey& key, const TargetFacts& facts);
/// The config's entry for a secret as a delivery item; the defaults where there is none.
DeliveryItem item_for(const Config& config, const SecretKey& key);
const SecretConfig* find_secret(const Config& config, const SecretKey& key);

}  // namespace dso
