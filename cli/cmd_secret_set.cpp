// `dso secret set`: a value from stdin or a prompt into the local store.
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "agent/control_client.h"
#include "command.h"
#include "render.h"
#include "secret_input.h"
#include "secret_target.h"

namespace dso::cli {
namespace {

/// Says nothing of what the argument was: it may be the value.
Error value_in_arguments(const std::string& name) {
  Error e;
  e.cls = ErrorClass::usage;
  e.what = "A value on the command line is refused";
  e.cause =
      "every process of this host can read it there, and your shell keeps it in its history; treat it as disclosed if it was "
      "real";
  e.next = "Run `dso secret set " + name + "` and type it, or `dso secret set " + name + " < FILE`.";
  return e;
}

Error no_store(const StoreLocation& where) {
  Error e;
  e.cls = ErrorClass::not_found;
  e.what = "No local store at '" + where.dir + "'";
  e.next = "Run `dso init`.";
  return e;
}

struct Replaced {
  std::string version, fields;
};
/// Without a field the whole secret is replaced: who had several fields should hear of it while that version is kept.
Replaced fields_before(const StoreLocation& where, const std::optional<SecretBytes>& passphrase, const std::string& name) {
  const auto store = LocalStore::open(where, passphrase ? std::optional(passphrase->clone()) : std::nullopt);
  if (store.has_error()) return {};
  const auto before = store->get(name);
  if (before.has_error() || (before->fields.size() == 1 && before->fields[0].name == "value")) return {};
  Replaced replaced{before->version, {}};
  for (const SecretField& f : before->fields) replaced.fields += (replaced.fields.empty() ? "'" : ", '") + f.name + "'";
  return replaced;
}

}  // namespace

CommandResult cmd_secret_set(CommandContext& ctx) {
  DSO_TRY(const SecretTarget target, parse_secret_target(ctx, ctx.arguments[0]));
  if (ctx.arguments.size() > 1) return value_in_arguments(target.text());
  const StoreLocation where = ctx.paths.store();
  if (!LocalStore::exists(where)) return no_store(where);  // before a value is asked for
  DSO_TRY(SecretBytes value, read_value(ctx.globals, target.text(), {ctx.has("raw"), ctx.has("allow-empty")}, ctx.stop));
  DSO_TRY(const auto passphrase, passphrase_of(ctx));
  const Replaced replaced = target.field.empty() ? fields_before(where, passphrase, target.name) : Replaced();
  DSO_TRY(const std::string version, LocalStore::set(where, passphrase, target.name, target.field, std::move(value)));
  poke_agent(ctx.paths.control_socket());  // a running agent need not wait for its next poll
  note(ctx.globals, "Stored '" + target.text() + "', version " + version);
  if (!replaced.fields.empty())
    note(ctx.globals, "It replaced the fields " + replaced.fields + "; version " + replaced.version + " has them still.");
  if (ctx.globals.json())
    return print(boost::json::serialize(boost::json::object{{"name", target.name}, {"version", version}})) ? 0 : 1;
  return print(version) ? 0 : 1;
}

}  // namespace dso::cli
