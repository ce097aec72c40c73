// The facts for logic/agent_config.h: what the running agent says that it read, and how that file is now.
#pragma once
#include <boost/json/object.hpp>
#include <set>
#include <string>
#include <vector>

#include "agent/load_config.h"
#include "agent/paths.h"

namespace dso {

/// `status`: what the agent said (agent_status.h). One of before, which does not say what it read, is warned of only for
/// instances.
std::vector<std::string> agent_config_warnings(const boost::json::object& status, const ConfigMark& ours,
                                               const std::set<std::string>& wanted);

/// The same, asked of the agent that serves these paths; none where none answers.
std::vector<std::string> agent_config_warnings(const Paths& paths, const ConfigMark& ours, const std::set<std::string>& wanted,
                                               std::stop_token stop);

}  // namespace dso
