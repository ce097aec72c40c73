// `dso validate [FILE]`: every finding about dso.yaml on stderr; on stdout a summary and what polling asks of the stores in a
// month. Asks no store and no engine.
#include <cstdlib>

#include "agent/load_config.h"
#include "command.h"
#include "logic/config_report.h"
#include "logic/parse_config.h"
#include "provider/egress.h"
#include "provider/named_files.h"
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

/// A file that a provider is not opened with, since others may change it, is a finding about the config that names it.
void add_distrusted_files(LoadedConfig& loaded) {
  for (const ProviderInstance& p : loaded.config.providers)
    for (Error& e : distrusted_files(p, [](const std::string& name) { return std::getenv(name.c_str()); })) {
      Diagnostic d;
      d.severity = Diagnostic::Severity::error;
      d.file = loaded.config.file;
      d.key = "providers." + p.name;
      d.message = e.what + ": " + e.cause;
      d.hint = std::move(e.next);
      loaded.diagnostics.push_back(std::move(d));
      loaded.valid = false;
    }
}

/// A proxy that only the environment names is followed by nobody, neither here nor in the agent.
void add_ignored_proxies(LoadedConfig& loaded) {
  for (const ProviderInstance& p : loaded.config.providers) {
    Diagnostic d;
    d.severity = Diagnostic::Severity::warning;
    d.message = ignored_proxy(p, [](const std::string& name) { return std::getenv(name.c_str()); });
    if (d.message.empty()) continue;
    d.file = loaded.config.file;
    d.key = "providers." + p.name;
    d.hint = "If its store is reached by a proxy, write proxy: http://HOST:PORT there.";
    loaded.diagnostics.push_back(std::move(d));
  }
}

}  // namespace

CommandResult cmd_validate(CommandContext& ctx) {
  DSO_TRY(LoadedConfig loaded, load_config_report(ctx.arguments.empty() ? ctx.globals.config_path : ctx.arguments[0]));
  if (loaded.valid) add_distrusted_files(loaded);
  if (loaded.valid) add_ignored_proxies(loaded);
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
