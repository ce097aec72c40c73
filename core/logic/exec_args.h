// `docker exec`'s command line, read just far enough to put dso-init before the command: flags, the container, the command. Pure.
#pragma once
#include <string>
#include <vector>

#include "base/result.h"

namespace dso {

struct ExecArgs {
  std::vector<std::string> flags;  ///< Word for word.
  std::string container;           ///< Empty only when `help`.
  std::vector<std::string> command;
  bool help = false;
};

/// `args`: everything behind `exec`. Errors (Usage): no container, no command, a flag without its value.
Result<ExecArgs> parse_exec_args(const std::vector<std::string>& args);

}  // namespace dso
