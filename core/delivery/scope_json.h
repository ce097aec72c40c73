// Scope and ScopeState as JSON: names, versions, digests and times, never a value.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/delivery.h"

namespace dso::delivery {

std::string scope_to_json(const Scope& scope);
Result<Scope> scope_from_json(std::string_view text);

/// "instance/name" -> version.
std::string versions_to_json(const std::map<std::string, std::string>& versions);
Result<std::map<std::string, std::string>> versions_from_json(std::string_view text);

/// A state with the generation of the folders that it describes.
struct StoredState {
  std::string generation;
  ScopeState state;
};
std::string state_to_json(const StoredState& stored);
Result<StoredState> state_from_json(std::string_view text);

}  // namespace dso::delivery
