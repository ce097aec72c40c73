// What the stores of a config answer: each is opened, each configured secret fetched and forgotten at once.
#pragma once
#include <stop_token>
#include <vector>

#include "agent/sources.h"
#include "logic/doctor_stores.h"
#include "model/container.h"

namespace dso {

/// The stores side by side. `inside`: a running container from whose network the metadata service is tried, where a config needs
/// that; null: none runs.
std::vector<StoreProbe> probe_stores(Sources& sources, const Container* inside, const Deadline& deadline, std::stop_token stop);

}  // namespace dso
