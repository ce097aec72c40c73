// The commands that read a user's own files, and those that run the scripts of this installation: rows of command_table.cpp too.
#pragma once
#include "command.h"

namespace dso::cli {

CommandResult cmd_migrate(CommandContext&);
CommandResult cmd_env_import(CommandContext&);
CommandResult cmd_env_export(CommandContext&);
CommandResult cmd_setup(CommandContext&);
CommandResult cmd_uninstall(CommandContext&);

}  // namespace dso::cli
