// `dso docs markdown|man`: docs/cli.md and dso.1 as this binary's command table has them; for scripts, so not shown in the help.
#include "command.h"
#include "reference.h"
#include "render.h"

namespace dso::cli {

CommandResult cmd_docs(CommandContext& ctx) {
  if (ctx.arguments[0] == "markdown")
    print(reference_markdown());
  else if (ctx.arguments[0] == "man")
    print(reference_man());
  else
    return make_error(ErrorClass::usage, "There are no docs of form '" + ctx.arguments[0] + "'", "it takes markdown or man");
  return 0;
}

}  // namespace dso::cli
