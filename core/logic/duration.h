// Durations as people write them: "2m", "500ms", "1h30m". Pure.
#pragma once
#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace dso {

/// Whole numbers with the units h, m, s, ms, biggest first, each at most once; never negative, at most 1000h.
/// An error has the reason in `cause` and how to write it in `next`; `what` is empty, the caller knows the name.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);
/// "1h30m", "2m", "1s500ms"; "0s" for nothing. What parse_duration reads back.
std::string format_duration(std::chrono::milliseconds duration);

}  // namespace dso
