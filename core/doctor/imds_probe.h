// Does a cloud's metadata service answer, from this host or from inside a container's network? Asks for nothing but an answer.
#pragma once
#include <stop_token>
#include <string>

#include "base/deadline.h"
#include "base/result.h"

namespace dso {

/// Any answer will do.
Result<void> reach_imds(const std::string& endpoint, const Deadline& d, std::stop_token s);
/// From the network namespace of that process; this process stays in its own. Needs root.
Result<void> reach_imds_from(std::int64_t pid, const std::string& endpoint, const Deadline& d, std::stop_token s);

}  // namespace dso
