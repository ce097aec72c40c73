// What /proc/<pid>/status says of a process: signals, pid namespaces, parent. Pure: the text comes from the caller.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dso {

struct ProcessSignals {
  std::string name;                                    ///< Of its program, at most 15 bytes: "sh", "nginx".
  std::uint64_t caught = 0, ignored = 0, blocked = 0;  ///< Bit n - 1 is signal n.
};
/// Nothing where a line is missing or is no mask.
std::optional<ProcessSignals> parse_process_signals(std::string_view status);

/// In how many pid namespaces it has a pid, from that of the /proc that was read downwards ("NSpid:"); 0 where that is not told.
int parse_pid_depth(std::string_view status);
/// Its parent's pid; 0: none, or none that is to be seen.
std::int64_t parse_parent(std::string_view status);
/// How many threads it has; 0 where that is not told.
int parse_threads(std::string_view status);

}  // namespace dso
