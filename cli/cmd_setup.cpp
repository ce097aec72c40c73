// `dso setup` and `dso uninstall`: the host made ready, and cleared again, by the scripts that were installed with this program.
#include "command.h"
#include "commands_of_files.h"
#include "host_script.h"

namespace dso::cli {
namespace {

std::vector<std::string> given(const CommandContext& ctx, std::initializer_list<const char*> options) {
  std::vector<std::string> out;
  for (const char* option : options)
    if (ctx.has(option)) out.push_back(std::string("--") + option);
  return out;
}

}  // namespace

CommandResult cmd_setup(CommandContext& ctx) {
  return exec_installed("setup", given(ctx, {"no-service", "dry-run"}));
}

CommandResult cmd_uninstall(CommandContext& ctx) {
  return exec_installed("uninstall", given(ctx, {"purge", "dry-run", "yes"}));
}

}  // namespace dso::cli
