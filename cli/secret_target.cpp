// The names are checked before anything is asked or opened.
#include "secret_target.h"

#include "agent/sources.h"
#include "vault/store_names.h"

namespace dso::cli {
namespace {

Error usage(Error e) {
  e.cls = ErrorClass::usage;
  return e;
}

}  // namespace

Result<SecretTarget> parse_secret_target(const CommandContext& context, const std::string& argument) {
  SecretTarget target;
  const auto hash = argument.find('#');
  target.name = argument.substr(0, hash);
  if (hash != std::string::npos) target.field = argument.substr(hash + 1);
  if (context.has("field")) {
    if (hash != std::string::npos) {
      Error e;
      e.cls = ErrorClass::usage;
      e.what = "The field is given twice, in '" + argument + "' and by --field";
      e.next = "Give it once.";
      return e;
    }
    target.field = context.text("field");
  }
  if (auto ok = vault::check_secret_name(target.name); ok.has_error()) return usage(ok.error());
  if (hash != std::string::npos || context.has("field"))
    if (auto ok = vault::check_field_name(target.field); ok.has_error()) return usage(ok.error());
  return target;
}

Result<std::optional<SecretBytes>> passphrase_of(const CommandContext& context) {
  return store_passphrase(context.paths.store(), true);
}

Result<LocalStore> open_local_store(const CommandContext& context) {
  DSO_TRY(auto passphrase, passphrase_of(context));
  return LocalStore::open(context.paths.store(), std::move(passphrase));
}

}  // namespace dso::cli
