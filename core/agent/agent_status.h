// What a running agent says of itself: `dso status` asks for it. Names and counts, never a value.
#pragma once
#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "agent/load_config.h"
#include "agent/reloader.h"
#include "base/metrics.h"
#include "model/agent_work.h"
#include "model/config.h"

namespace dso {

/// {"pid", "started_at_ms", "config", "swarm_leader", "providers": [{"name", "type", "up", "secrets", "refused", "held",
/// "last_answer_ms"}],
///  "rotating": [scope], "waiting": [scope], "failing": [{"scope", "attempts", "next_try_in_ms"}]}
/// `up` is null for an instance that was not asked yet, since no container has a secret of it. Pure but for the pid.
boost::json::object agent_status(const Config& config, const metrics::Samples& samples, const ReloaderState& reloader,
                                 bool swarm_leader, std::int64_t started_at_ms);
/// "config_read" of the status: {"file", "mtime_ns", "size", "inode"}.
boost::json::object mark_to_json(const ConfigMark& mark);
/// Nothing: an agent of before.
std::optional<ConfigMark> mark_in(const boost::json::object& status);
/// What that says of scopes and changes; what is missing or of another type is left out.
AgentWork agent_work(const boost::json::object& status);

}  // namespace dso
