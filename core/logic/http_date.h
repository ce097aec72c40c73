// The time of a Date header. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace dso {

/// Unix seconds of "Thu, 01 Jan 2026 00:05:01 GMT"; nothing for any other text.
std::optional<std::int64_t> parse_http_date(const std::string& text);

}  // namespace dso
