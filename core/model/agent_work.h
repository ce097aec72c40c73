// What a running agent is at: names of scopes and counts.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace dso {

struct AgentWork {
  std::set<std::string> rotating;               ///< Bases of scopes that it brings to a newer value, or is about to.
  std::map<std::string, std::int64_t> failing;  ///< Base of a scope -> tries that failed.
  std::map<std::string, std::int64_t> held;     ///< Instance -> changes that wait until they are quiet.
};

}  // namespace dso
