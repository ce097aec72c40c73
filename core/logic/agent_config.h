// Whether the running agent goes by the config that a command was called with: what a command says when it does not. Pure.
#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace dso {

struct AgentConfigFacts {
  std::int64_t pid = 0;
  std::string agent_file;              ///< Absolute; empty: it has the built-in defaults.
  bool changed = false, gone = false;  ///< That file, since the agent read it.
  std::set<std::string> agent_knows;   ///< Provider instances.
  std::string our_file;                ///< As agent_file, of the command.
  std::set<std::string> wanted;        ///< Instances of what the command delivers, or of what it shows.
};

/// One sentence each, with what to do; none where all is well.
std::vector<std::string> agent_config_warnings(const AgentConfigFacts& facts);

}  // namespace dso
