// `dso provider install`: checks a provider's file by loading it once, confined, copies it into the provider folder and records
// it in providers.lock.
#include "command.h"
#include "provider/provider_install.h"
#include "render.h"

namespace dso::cli {

CommandResult cmd_provider_install(CommandContext& ctx) {
  ProviderPlaces places;
  places.folder = ctx.paths.provider_dir;
  places.trust.keys = ctx.paths.provider_keys;
  DSO_TRY(const InstalledProvider done, install_provider(ctx.arguments[0], places, ctx.has("allow-downgrade")));
  const std::string said = done.name + " " +
                           (done.unchanged                  ? done.version + " is already installed"
                            : done.previous.empty()         ? done.version + " installed"
                            : done.previous == done.version ? done.version + " replaced by another build"
                                                            : done.previous + " -> " + done.version);
  note(ctx.globals,
       said + ": " + done.path + ", SHA-256 " + done.sha256 + (done.signer.empty() ? "" : ", signed by " + done.signer));
  if (!done.unchanged && !done.previous.empty())
    note(ctx.globals, "A running agent keeps the old one until it is started again: systemctl restart dso-agent");
  return print(done.name + " " + done.version) ? 0 : 1;
}

}  // namespace dso::cli
