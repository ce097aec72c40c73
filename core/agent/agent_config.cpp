// One question to the agent, one look at the file.
#include "agent/agent_config.h"

#include <unistd.h>
#include <cerrno>

#include "agent/agent_status.h"
#include "agent/control_client.h"
#include "logic/agent_config.h"
#include "logic/json_text.h"

namespace dso {

std::vector<std::string> agent_config_warnings(const boost::json::object& status, const ConfigMark& ours,
                                               const std::set<std::string>& wanted) {
  AgentConfigFacts f;
  f.our_file = ours.file;
  f.wanted = wanted;
  if (const auto* pid = status.if_contains("pid"); pid && pid->is_int64()) f.pid = pid->as_int64();
  if (const auto read = mark_in(status)) {
    f.agent_file = read->file;
    f.gone = !read->file.empty() && access(read->file.c_str(), F_OK) != 0 && errno == ENOENT;
    const ConfigMark now = mark_of(read->file);
    f.changed = !f.gone && now.inode != 0 && now != *read;  // no inode: this user may not look
  } else {
    f.agent_file = std::string(text_in(status, "config"));
  }
  if (const auto* list = status.if_contains("providers"); list && list->is_array())
    for (const boost::json::value& p : list->as_array())
      if (const auto* o = p.if_object()) f.agent_knows.emplace(text_in(*o, "name"));
  return agent_config_warnings(f);
}

std::vector<std::string> agent_config_warnings(const Paths& paths, const ConfigMark& ours, const std::set<std::string>& wanted,
                                               std::stop_token stop) {
  // of the agent that watches this run dir: the host's does not look after what a user delivers
  if (!agent_runs(paths.control_socket())) return {};
  const auto status = ask_for_status(paths.control_socket(), std::move(stop));
  return status.has_value() ? agent_config_warnings(*status, ours, wanted) : std::vector<std::string>();
}

}  // namespace dso
