// What the engine remembers of a container's healthchecks, from its inspect. Pure.
#pragma once
#include <cstdint>
#include <string_view>

namespace dso {

/// Unix time of the first good probe since the container's start; 0: there was none, or it is forgotten.
std::int64_t first_healthy_ms(std::string_view inspect);

}  // namespace dso
