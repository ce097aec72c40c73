// `dso provider remove`: takes a provider's file and its entry out, unless the config still uses its type.
#include "agent/load_config.h"
#include "command.h"
#include "provider/provider_install.h"
#include "render.h"

namespace dso::cli {
namespace {

/// The instances of that type, as the config that would be used now has them. One that is not valid may mean any.
Result<std::string> users_of(const std::string& type, const std::string& config_path, std::string& file) {
  auto loaded = load_config(config_path);
  if (loaded.has_error()) {
    Error e = std::move(loaded).error();
    e.next += (e.next.empty() ? "" : " ") + std::string("Or say --force.");
    return e;
  }
  file = loaded->config.file;
  std::string users;
  for (const ProviderInstance& instance : loaded->config.providers)
    if (instance.type == type) users += (users.empty() ? "'" : ", '") + instance.name + "'";
  return users;
}

}  // namespace

CommandResult cmd_provider_remove(CommandContext& ctx) {
  const std::string name = ctx.arguments[0];
  const std::string what = "Cannot remove the provider '" + name + "'";
  if (name == "local") return make_error(ErrorClass::usage, what, "it is built in", {});
  if (!ctx.has("force")) {
    std::string file;
    DSO_TRY(const std::string users, users_of(name, ctx.globals.config_path, file));
    if (!users.empty())
      return make_error(ErrorClass::config, what, file + " uses it (" + users + ")",
                        "Take it out there first, or say --force: the agent then keeps the last good values and cannot fetch.");
  }
  ProviderPlaces places;
  places.folder = ctx.paths.provider_dir;
  places.trust.keys = ctx.paths.provider_keys;
  DSO_TRY(const std::string version, remove_provider(name, places));
  return print(name + (version.empty() ? "" : " " + version)) ? 0 : 1;
}

}  // namespace dso::cli
