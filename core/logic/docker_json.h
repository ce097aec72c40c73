// The engine's JSON to model types and back. Pure; every field read is named by the API version that has it where that matters.
#pragma once
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/container.h"

namespace dso {

Result<Container> parse_container_inspect(std::string_view json);
Result<std::vector<Container>> parse_container_list(std::string_view json);
Result<ImageConfig> parse_image_inspect(std::string_view json);
/// The engine's error body {"message": "…"}, or the first line of whatever it is.
std::string parse_engine_message(std::string_view body);

}  // namespace dso
