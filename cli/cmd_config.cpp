// `dso config show` and `dso config schema`: the config as DSO understands it, and what may be in one.
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "agent/load_config.h"
#include "base/trusted_file.h"
#include "command.h"
#include "dso_config_schema.h"
#include "logic/config_rows.h"
#include "logic/parse_config.h"
#include "render.h"

namespace dso::cli {

CommandResult cmd_config_show(CommandContext& ctx) {
  DSO_TRY(const LoadedConfig loaded, load_config(ctx.globals.config_path));
  for (const Diagnostic& d : loaded.diagnostics) note(ctx.globals, "dso: " + render_with_severity(d));
  std::string text;  // read once more, for the lines: no other command keeps a config's text, which may hold a credential
  if (!loaded.config.file.empty()) {
    DSO_TRY(text, read_trusted_text(loaded.config.file, "config", 1 << 20));
  }
  const auto rows = config_rows(loaded.config, text);
  if (ctx.globals.json()) {
    boost::json::array out;
    for (const ConfigRow& r : rows) out.push_back({{"key", r.key}, {"value", r.value}, {"from", r.from}});
    print(boost::json::serialize(boost::json::object{{"file", loaded.config.file}, {"values", std::move(out)}}));
    return 0;
  }
  std::vector<std::vector<std::string>> cells;
  for (const ConfigRow& r : rows) cells.push_back({r.key, r.value, r.from});
  print(table({"KEY", "VALUE", "FROM"}, cells));
  return 0;
}

CommandResult cmd_config_schema(CommandContext&) {
  print(kConfigSchema);
  return 0;
}

}  // namespace dso::cli
