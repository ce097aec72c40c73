// What the checks of `dso doctor` know of one container, and the rows that they make of it. Pure; gathered by
// doctor/container_facts.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "logic/plan_reload.h"
#include "logic/proc_status.h"
#include "model/agent_work.h"
#include "model/config.h"
#include "model/container.h"
#include "model/delivery.h"
#include "model/doctor.h"

namespace dso {

struct ContainerFacts {
  Container container;
  std::vector<DeliveryItem> wanted;       ///< By the config's targets and its own label.
  std::vector<ScopeState> delivered;      ///< On tmpfs: its own scope first, then volumes.
  std::string unreadable;                 ///< Why nothing is known of the tmpfs; "": it is.
  std::int64_t first_healthy_ms = 0;      ///< Of this start; 0: not known.
  std::optional<ProcessSignals> process;  ///< PID 1; nothing: not to be seen from here.
  std::optional<ProcessSignals> child;    ///< What it started first; of an init that is the program.
};

struct ContainersSeen {
  std::vector<ContainerFacts> containers;            ///< Those that have, want or ask for secrets.
  std::vector<Scope> known_scopes;                   ///< On disk.
  std::map<SecretKey, Result<std::string>> present;  ///< Versions in the stores.
  std::optional<AgentWork> agent;                    ///< Nothing: none answers.
  std::int64_t now_ms = 0;
  std::string run_dir;  ///< This one; several agents can share a host.
};

/// How all its secrets together would be brought to it; nothing where it has none or did not opt in.
std::optional<StrategyChoice> strategy_of(const Config& config, const ContainerFacts& c);

/// Updates: targets that nobody is, what waits, labels, deliveries, drift against the polling interval; with the two below, each
/// container's together.
DoctorRows doctor_containers(const Config& config, const ContainersSeen& seen);
/// Rotation: strategy, healthcheck and its times, published ports, data of one writer.
DoctorRows doctor_rotation(const Config& config, const ContainerFacts& c);
/// Signals: what PID 1 is and whether it catches the strategy's signal.
DoctorRows doctor_signal(const Config& config, const ContainerFacts& c);

}  // namespace dso
