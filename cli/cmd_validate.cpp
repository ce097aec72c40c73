// `dso validate [FILE]`: every finding about dso.yaml on stderr; on stdout a summary and what polling asks of the stores in a
// month. Asks no store and no engine.
#include "agent/load_config.h"
#include "command.h"
#include "logic/config_report.h"
#include "logic/parse_config.h"
#include "render.h"

namespace dso::cli {
namespace {

constexpr int kNotValid = 2;

void show(const Globals& globals, const Diagnostic& d) {
  const bool error = d.severity == Diagnostic::Severity::error;
  const std::string line = render_with_severity(d);
  Globals shown = globals;
  // --quiet is for warnings: an exit code of 2 without a reason would help nobody.
  if (error) shown.quiet = false;
  note(shown, globals.color ? (error ? "\033[31m" : "\033[33m") + line + "\033[0m" : line);
}

}  // namespace

CommandResult cmd_validate(CommandContext& ctx) {
  DSO_TRY(const LoadedConfig loaded, load_config_report(ctx.arguments.empty() ? ctx.globals.config_path : ctx.arguments[0]));
  if (ctx.globals.json()) {
    print(config_report_json(loaded.config, loaded.diagnostics, loaded.valid));
  } else {
    for (const Diagnostic& d : loaded.diagnostics) show(ctx.globals, d);
    if (!ctx.globals.quiet) print(config_summary(loaded.config, loaded.diagnostics, loaded.valid));
    if (!ctx.globals.quiet && loaded.valid && !loaded.config.secrets.empty())
      print(poll_cost_heading(loaded.config) + "\n" + table(kPollCostColumns, poll_cost_rows(loaded.config)));
  }
  return loaded.valid ? 0 : kNotValid;
}

}  // namespace dso::cli
