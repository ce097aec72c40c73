// `dso secret rm`: removes secrets or single fields from the local store.
#include "command.h"
#include "render.h"
#include "secret_target.h"

namespace dso::cli {

CommandResult cmd_secret_rm(CommandContext& ctx) {
  std::vector<SecretTarget> targets;
  for (const std::string& argument : ctx.arguments) {
    DSO_TRY(SecretTarget target, parse_secret_target(ctx, argument));
    targets.push_back(std::move(target));
  }
  DSO_TRY(const auto passphrase, passphrase_of(ctx));
  // As `docker secret rm`: one that is not there does not keep the others.
  int code = 0;
  for (const SecretTarget& target : targets) {
    const auto removed = LocalStore::remove(ctx.paths.store(), passphrase, target.name, target.field);
    if (removed.has_error()) {
      show_error(ctx.globals, removed.error());
      if (code == 0) code = exit_code(removed.error().cls);
    } else if (!print(target.text())) {
      return 1;
    }
  }
  return code;
}

}  // namespace dso::cli
