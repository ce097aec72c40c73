// `dso up`: `docker compose up` with secrets.
#include "compose_start.h"
#include "docker_process.h"

namespace dso::cli {

CommandResult cmd_up(CommandContext& context) {
  DSO_TRY(ComposeArgs args, parse_compose_args(context.arguments, ComposeCommand::up));
  if (args.help)
    return exec_docker({.arguments = {"compose", "up", "--help"}, .stdin_fd = -1, .inherited = {}, .stdout_to_stderr = false});
  return start_with_secrets(context, std::move(args), "up");
}

}  // namespace dso::cli
