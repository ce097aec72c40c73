// Help texts, made from the command table.
#pragma once
#include <string>

#include "command.h"

namespace dso::cli {

std::string overview();
std::string help_for(const CommandSpec& command);
/// The name in the table nearest to `word`, or "".
std::string nearest_command(const std::string& word);

}  // namespace dso::cli
