// What `dso doctor` says of the agent: whether it runs, is this version and has this config, its sockets, its unit, its log.
// Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/doctor.h"

namespace dso {

/// A unix socket as it was found.
struct SocketFacts {
  enum class State { absent, denied, dead, silent, answers };  ///< denied: not ours to ask; silent: it accepts, and says nothing.
  std::string path;                                            ///< Empty: none is looked for.
  State state = State::absent;
};

/// What `systemctl show UNIT` says: "KEY=VALUE" lines.
struct UnitFacts {
  std::string load, active, sub, result, enabled;
};
UnitFacts parse_unit(std::string_view show);

struct AgentFacts {
  SocketFacts control, plugin, read;
  std::string version, our_version;                   ///< version: "" of one that is too old to say.
  std::optional<std::string> config;                  ///< The file that it has, absolute where that can be known; "": defaults.
  std::string our_config;                             ///< The one found here, absolute; "": defaults.
  bool config_changed = false;                        ///< The agent's file was written after it read it.
  std::optional<long> opted_in;                       ///< Containers with dso.reloader=true; nothing: the engine does not say.
  std::vector<std::pair<std::string, bool>> managed;  ///< Managed plugins of DSO, and whether they are enabled.
  std::optional<UnitFacts> unit;                      ///< Nothing: no systemd runs here.
  std::optional<UnitFacts> dialer;                    ///< Of the socket by which that unit's agent reaches its stores.
  std::optional<std::vector<std::string>> log;        ///< The lines that it still has.
};
DoctorRows agent_checks(const AgentFacts& facts);

}  // namespace dso
