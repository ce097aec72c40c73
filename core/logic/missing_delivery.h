// Whether a container that starts lacks the secrets it should have, and what to tell people about it. Pure.
#pragma once
#include <string>
#include <vector>

#include "model/container.h"
#include "model/delivery.h"

namespace dso {

/// Of a container that mounts nothing of DSO's. A warning, or "" where all is well: a compose service that DSO knows and that
/// plain `docker compose up` made anew without its mounts; a container that opted in but gets nothing.
std::string missing_delivery(const Container& container, const std::vector<Scope>& known);

}  // namespace dso
