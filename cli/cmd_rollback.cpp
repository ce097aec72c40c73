// `dso rollback CONTAINER`: back to the values before the last change, by the running agent, since it is the one that acts.
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "agent/control_client.h"
#include "agent/which_agent.h"
#include "command.h"
#include "render.h"

namespace dso::cli {

CommandResult cmd_rollback(CommandContext& ctx) {
  const std::string socket = agent_socket(ctx.paths);
  if (!agent_runs(socket))
    return make_error(ErrorClass::unavailable, "Cannot roll back '" + ctx.arguments[0] + "'",
                      "no agent answers at " + vain_socket(ctx.paths), "Start it: dso agent.");
  DSO_TRY(const std::string done, ask_for_rollback(socket, ctx.arguments[0], ctx.stop));
  const boost::json::object out{{"name", ctx.arguments[0]}, {"message", done}};
  print(ctx.globals.json() ? boost::json::serialize(out) : done);
  return 0;
}

}  // namespace dso::cli
