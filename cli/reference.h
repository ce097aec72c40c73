// docs/cli.md and the man page, made from the command table. Pure.
#pragma once
#include <string>

namespace dso::cli {

std::string reference_markdown();
/// dso(1), in the man macros.
std::string reference_man();

}  // namespace dso::cli
