// `dso secret get`: a value of the local store, its bytes as they are.
#include <chrono>

#include "command.h"
#include "secret_output.h"
#include "secret_target.h"
#include "vault/value_text.h"

namespace dso::cli {
namespace {

Error failed(ErrorClass cls, std::string what, std::string cause, std::string next) {
  Error e;
  e.cls = cls;
  e.what = std::move(what);
  e.cause = std::move(cause);
  e.next = std::move(next);
  return e;
}

std::string field_list(const SecretValue& secret) {
  std::string out;
  for (const SecretField& f : secret.fields) out += (out.empty() ? "'" : ", '") + f.name + "'";
  return out;
}

Result<void> keep_only(SecretValue& secret, const std::string& field) {
  for (SecretField& f : secret.fields) {
    if (f.name != field) continue;
    SecretField one = std::move(f);
    secret.fields.clear();
    secret.fields.push_back(std::move(one));
    return {};
  }
  return failed(ErrorClass::not_found, "Cannot find the field '" + field + "' of secret '" + secret.name + "'",
                "its fields are " + field_list(secret), {});
}

Result<void> check_text(const SecretValue& secret) {
  for (const SecretField& f : secret.fields)
    if (!vault::is_utf8(f.value.reveal()))
      return failed(ErrorClass::invalid_request, "Cannot show secret '" + secret.name + "' as JSON",
                    "its field '" + f.name + "' is not UTF-8 text",
                    "Get its bytes with `dso secret get " + secret.name + "#" + f.name + "`.");
  return {};
}

}  // namespace

CommandResult cmd_secret_get(CommandContext& ctx) {
  DSO_TRY(const SecretTarget target, parse_secret_target(ctx, ctx.arguments[0]));
  const auto start = std::chrono::steady_clock::now();
  DSO_TRY(const LocalStore store, open_local_store(ctx));
  const auto opened = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start).count();
  DSO_TRY(SecretValue secret, store.get(target.name, ctx.text("version")));
  if (!target.field.empty()) DSO_CHECK(keep_only(secret, target.field));
  if (ctx.globals.json()) {
    DSO_CHECK(check_text(secret));
    return show_secret_json({secret.name, "local", secret.version, store.key_description(), opened, 0}, secret.fields, true) ? 0
                                                                                                                             : 1;
  }
  if (secret.fields.size() != 1)
    return failed(ErrorClass::usage, "Secret '" + secret.name + "' has several fields", field_list(secret),
                  "Choose one with `dso secret get " + secret.name + "#FIELD`, or take all with --format json.");
  return show_secret_value(secret.fields[0].value) ? 0 : 1;
}

}  // namespace dso::cli
