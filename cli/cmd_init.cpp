// `dso init`: makes the local encrypted store and says where it is and what comes next.
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "command.h"
#include "render.h"
#include "secret_input.h"
#include "vault/local_store.h"

namespace dso::cli {
namespace {

bool show(const Globals& globals, const StoreLocation& where, bool passphrase) {
  if (!globals.json()) return print(where.dir);
  boost::json::object out{{"store", where.data_file()}};
  if (!passphrase) out["key_file"] = where.key_file();
  return print(boost::json::serialize(out));
}

}  // namespace

CommandResult cmd_init(CommandContext& ctx) {
  const StoreLocation where = ctx.paths.store();
  std::optional<SecretBytes> passphrase;
  // Not asked for a passphrase first where the answer can only be "there is one already".
  if (ctx.has("passphrase") && !LocalStore::exists(where)) {
    DSO_TRY(passphrase, read_new_passphrase(ctx.stop));
  }
  DSO_CHECK(LocalStore::init(where, passphrase));
  note(ctx.globals, "Made the local store " + where.data_file());
  if (passphrase)
    note(ctx.globals, "It opens with the passphrase alone: a forgotten one cannot be recovered.");
  else
    note(ctx.globals, "Its key is in " + where.key_file() + ": keep a copy apart from the store, nothing else can read it.");
  note(ctx.globals, "Next: dso secret set NAME < FILE");
  return show(ctx.globals, where, passphrase.has_value()) ? 0 : 1;
}

}  // namespace dso::cli
