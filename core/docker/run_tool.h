// Runs a system's administration tool (nft, iptables-restore) once: no shell, an empty environment, looked up where only root
// writes. Its output is kept in memory and bounded. Not for anything that is given a value.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"

namespace dso {

/// Its absolute path in /usr/sbin, /sbin, /usr/bin or /bin; "" if it is in none.
std::string find_tool(const std::string& name);

struct ToolRun {
  int exit_code = 0;  ///< 128 + the signal that ended it.
  std::string out;
  std::string err;  ///< Its first lines.
};
/// An error only where it could not be run to its end (killed at the deadline: Timeout).
Result<ToolRun> run_tool(const std::string& path, const std::vector<std::string>& arguments, std::string_view input,
                         const Deadline& d);
/// As above, and an exit code other than 0 is an error too, with the first lines of stderr as cause; else stdout.
Result<std::string> run_tool_well(const std::string& path, const std::vector<std::string>& arguments, std::string_view input,
                                  const Deadline& d, const std::string& what);

}  // namespace dso
