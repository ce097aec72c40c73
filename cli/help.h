// Help texts, made from the command table.
#pragma once
#include <string>

#include "command.h"

namespace dso::cli {

std::string overview();
/// The section "Global options:".
std::string global_options();
/// "dso fetch [OPTIONS] NAME[#FIELD]"
std::string usage_line(const CommandSpec& command);
std::string help_for(const CommandSpec& command);
/// The subcommands of "secret" and the like; "" for a word that is no group.
std::string help_for_group(const std::string& group);
/// The name in the table nearest to `word`, or "".
std::string nearest_command(const std::string& word);

}  // namespace dso::cli
