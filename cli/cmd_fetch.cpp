// `dso fetch`: resolves a secret the way the agent would, and shows how it went. Masked unless --reveal.
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <chrono>

#include "agent/load_config.h"
#include "agent/sources.h"
#include "command.h"
#include "logic/reference.h"
#include "logic/secret_json.h"
#include "render.h"
#include "secret_output.h"

namespace dso::cli {
namespace {

using Clock = std::chrono::steady_clock;

long long ms_since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
}

Error named(Error e, const std::string& name) {
  if (e.what.find("'" + name + "'") == std::string::npos) {
    e.cause = e.what + (e.cause.empty() ? "" : ": " + e.cause);
    e.what = "Failed to fetch secret '" + name + "'";
  }
  return e;
}

}  // namespace

CommandResult cmd_fetch(CommandContext& ctx) {
  DSO_TRY(LoadedConfig loaded, load_config(ctx.globals.config_path));
  DSO_TRY(Reference reference, parse_reference(ctx.arguments[0], loaded.config));
  if (ctx.has("provider")) {
    // With -p the whole argument is the store's name for it, even if its first segment names an instance.
    reference.key.instance = ctx.text("provider");
    const std::string whole = ctx.arguments[0];
    reference.key.name = whole.substr(0, whole.find('#'));
  }
  if (ctx.has("field")) reference.field = ctx.text("field");
  const SecretKey key = reference.key;

  Sources sources(loaded.config, ctx.paths);
  const ProviderInstance* instance = loaded.config.find_provider(key.instance);
  const Deadline deadline = Deadline::in((instance ? instance->timeout : std::chrono::milliseconds(10000)) * 3);
  const auto start = Clock::now();
  auto source = sources.get(key.instance, deadline);
  if (source.has_error()) return named(source.error(), key.name);
  const long long opened_ms = ms_since(start);
  const auto asked = Clock::now();
  DSO_TRY(SecretValue secret, fetch_one(sources, key, ctx.text("version"), deadline, ctx.stop));
  const long long fetched_ms = ms_since(asked);
  const std::string identity = (*source)->identity();

  const bool reveal = ctx.has("reveal");
  std::vector<SecretField> shown;
  if (!reference.field.empty()) {
    DSO_TRY(SecretBytes one, select_field(secret, reference.field));
    shown.push_back({reference.field, std::move(one)});
  } else {
    shown = std::move(secret.fields);
  }
  const std::string how = "as " + identity + ", provider '" + key.instance + "' (" + (instance ? instance->type : "?") +
                          "): opened in " + std::to_string(opened_ms) + " ms, fetched in " + std::to_string(fetched_ms) + " ms";
  if (ctx.globals.json()) {
    return show_secret_json({key.name, key.instance, secret.version, identity, opened_ms, fetched_ms}, shown, reveal) ? 0 : 1;
  }
  note(ctx.globals, how);
  if (reveal && shown.size() == 1) return show_secret_value(shown[0].value) ? 0 : 1;
  return show_secret_table(key.name, secret.version, shown, reveal) ? 0 : 1;
}

}  // namespace dso::cli
