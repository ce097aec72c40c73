// `dso env export`: a secret of the local store as lines of an env file, on stdout and only there: a value never reaches a disk
// by DSO.
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "command.h"
#include "commands_of_files.h"
#include "logic/env_lines.h"
#include "render.h"
#include "secret_output.h"
#include "secret_target.h"

namespace dso::cli {
namespace {

/// stdout goes to a file that is not in memory.
bool goes_to_a_disk() {
  struct stat st {};
  struct statfs fs {};
  return fstat(STDOUT_FILENO, &st) == 0 && S_ISREG(st.st_mode) && fstatfs(STDOUT_FILENO, &fs) == 0 && fs.f_type != TMPFS_MAGIC &&
         fs.f_type != RAMFS_MAGIC;
}

}  // namespace

CommandResult cmd_env_export(CommandContext& ctx) {
  DSO_TRY(const SecretTarget target, parse_secret_target(ctx, ctx.arguments[0]));
  if (!target.field.empty())
    return make_error(ErrorClass::usage, "An env file is made of a whole secret, and '" + target.text() + "' is a field", "",
                      "One value: dso secret get " + target.text() + ".");
  if (!ctx.has("reveal"))
    return make_error(ErrorClass::usage, "The values of '" + target.name + "' are shown only with --reveal",
                      "an env file with masks would look like a real one", "Names only: dso secret list.");
  DSO_TRY(const LocalStore store, open_local_store(ctx));
  DSO_TRY(const SecretValue secret, store.get(target.name, ctx.text("version")));
  DSO_TRY(const SecretBuffer lines, env_lines(secret, ctx.has("raw") ? EnvSyntax::raw : EnvSyntax::compose));
  if (goes_to_a_disk())
    note(ctx.globals,
         "Warning: stdout is a file on a disk, which has the values in the clear now: delete it once it has served.");
  if (ctx.globals.json())
    return show_secret_json({secret.name, "local", secret.version, store.key_description(), 0, 0}, secret.fields, true) ? 0 : 1;
  return write_out(view(lines)) ? 0 : 1;
}

}  // namespace dso::cli
