// `dso exec`: `docker exec` in which the command sees the variables that DSO delivers, as the container's own process does.
#include "command.h"
#include "delivery/env_shim.h"
#include "docker_engine.h"
#include "docker_process.h"
#include "logic/exec_args.h"

namespace dso::cli {

CommandResult cmd_exec(CommandContext& context) {
  DSO_TRY(const ExecArgs args, parse_exec_args(context.arguments));
  DockerCall call;
  call.arguments = {"exec"};
  call.arguments.insert(call.arguments.end(), args.flags.begin(), args.flags.end());
  if (args.help) return exec_docker(call);
  DSO_TRY(const Engine engine, engine_of_docker());
  DSO_TRY(const Container container, engine.inspect(args.container, Deadline::in(std::chrono::seconds(10)), context.stop));
  call.arguments.push_back(args.container);
  if (has_env_shim(container)) call.arguments.emplace_back(kShimInContainer);
  call.arguments.insert(call.arguments.end(), args.command.begin(), args.command.end());
  return exec_docker(call);
}

}  // namespace dso::cli
