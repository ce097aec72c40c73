// A cure is named only where it is one: what is in another file does not come by reading the agent's anew.
#include "logic/agent_config.h"

namespace dso {

std::vector<std::string> agent_config_warnings(const AgentConfigFacts& f) {
  std::vector<std::string> out;
  const std::string read_it = "systemctl reload dso-agent (without systemd: kill -HUP " + std::to_string(f.pid) + ")";
  if (f.gone)
    out.push_back("the config of the running agent, " + f.agent_file +
                  ", is gone; it goes on with what it read, and would not start again");
  else if (f.changed)
    out.push_back("the config " + f.agent_file +
                  " was written after the running agent read it. Have it read it anew: " + read_it);
  for (const std::string& name : f.wanted) {
    if (f.agent_knows.contains(name)) continue;
    const std::string what =
        "the running agent knows no provider instance '" + name + "': no change of its secrets reaches a container. ";
    if (f.changed && f.our_file == f.agent_file)
      out.push_back(what + "It may be in what it has not read yet");
    else if (f.agent_file.empty())
      out.push_back(what + "It has the built-in defaults: put the instance into /etc/dso/dso.yaml, then: " + read_it);
    else
      out.push_back(what + "Put it into " + f.agent_file + ", then: " + read_it);
  }
  return out;
}

}  // namespace dso
