// From argv to a command with its options: what main needs, as values.
#pragma once
#include <string>
#include <vector>

#include "command.h"

namespace dso::cli {

struct ParsedLine {
  const CommandSpec* command = nullptr;  ///< Null: only help was asked for.
  std::string group;                     ///< "secret": help for its subcommands was asked for.
  CommandContext context;                ///< Without paths and stop.
  bool help = false;
};

/// `arguments` without the program's name. Errors are of class usage.
Result<ParsedLine> parse_command_line(std::vector<std::string> arguments);

/// As a Docker CLI plugin: `docker-dso [docker's global flags] dso …`. Sets DOCKER_HOST and the like from those flags and gives
/// what follows "dso"; anything else is given back as it is.
std::vector<std::string> without_plugin_prefix(const std::string& program, std::vector<std::string> arguments);

}  // namespace dso::cli
