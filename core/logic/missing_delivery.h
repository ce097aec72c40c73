// Whether a container that starts lacks the secrets it should have, and what to tell people about it. Pure.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "model/delivery.h"

namespace dso {

/// `attributes`: the start event's (labels and "name"). A warning, or "" where all is well: a compose service that DSO knows and
/// that plain `docker compose up` made anew without its mounts; a container that opted in but gets nothing.
std::string missing_delivery(const std::map<std::string, std::string>& attributes, const std::vector<Scope>& known);

}  // namespace dso
