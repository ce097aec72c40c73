// `dso env import`: the variables of an env file into the local store, as the fields of one secret. The file stays as it is.
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <optional>

#include "agent/control_client.h"
#include "agent/load_config.h"
#include "base/file.h"
#include "base/path.h"
#include "command.h"
#include "commands_of_files.h"
#include "compose_read.h"
#include "docker_process.h"
#include "logic/compose_values.h"
#include "logic/migrate_plan.h"
#include "render.h"
#include "secret_target.h"
#include "vault/store_batch.h"
#include "vault/store_names.h"

namespace dso::cli {
namespace {

constexpr std::size_t kLargestEnvFile = 4 * 1024 * 1024;

/// "shop/env" for shop/.env, "shop/db" for shop/db.env.
std::string name_from(const std::string& file) {
  const std::filesystem::path path = absolute_path(file);
  std::string stem = path.filename().string();
  if (stem.size() > 4 && stem.ends_with(".env")) stem.resize(stem.size() - 4);
  while (stem.starts_with('.')) stem.erase(0, 1);
  return path.parent_path().filename().string() + "/" + stem;
}

Result<std::string> secret_name(const CommandContext& ctx, const std::string& file) {
  if (!ctx.has("name") && file == "-")
    return make_error(ErrorClass::usage, "Cannot name the secret", "stdin has no name to take", "Give it one: --name myapp/env.");
  std::string name = ctx.text("name", file == "-" ? "" : name_from(file));
  if (auto ok = vault::check_secret_name(name); ok.has_error()) {
    Error e = ok.error();
    e.cls = ErrorClass::usage;
    e.next = "Give another one: --name myapp/env.";
    return e;
  }
  return name;
}

Result<SecretValue> variables_of(const CommandContext& ctx, const std::string& file, const std::string& name) {
  SecretBuffer content;
  if (file == "-") {
    content = read_to_end(STDIN_FILENO);
  } else {
    DSO_TRY(content, read_secret_file(file, kLargestEnvFile));
  }
  const std::string what = file == "-" ? "stdin" : "the env file '" + file + "'";
  DSO_TRY(ComposeRead read, read_env_file(content, what, ctx.has("raw")));
  DSO_TRY(ComposeValues values, compose_values(view(read.json)));
  if (values.services.empty() || values.services[0].variables.empty())
    return make_error(ErrorClass::invalid_request, "Nothing to import from " + what, "it has no NAME=value");
  if (read.unset)
    note(ctx.globals, "A $NAME in " + what +
                          " names a variable that is not set: nothing stands there now, as in a container that Compose "
                          "starts. Single quotes keep a $; --raw takes the file as `docker run --env-file` does.");
  return SecretValue{name, {}, std::move(values.services[0].variables)};
}

const char* change_of(const std::optional<SecretValue>& before, const SecretField& field) {
  const SecretField* had = before ? before->find(field.name) : nullptr;
  if (!had) return "new";
  return had->value.equals(field.value.reveal()) ? "same" : "replaced";
}

struct ImportRow {
  std::string field, change, reference;
};

bool show(const CommandContext& ctx, const std::string& name, const std::string& version, const std::vector<ImportRow>& rows) {
  if (!ctx.globals.json()) {
    std::vector<std::vector<std::string>> cells;
    for (const ImportRow& r : rows)
      cells.push_back({r.field, r.change, r.reference.empty() ? "-" : r.field + ": " + r.reference});
    return print(table({"FIELD", "CHANGE", "IN COMPOSE"}, cells));
  }
  boost::json::array fields;
  for (const ImportRow& r : rows)
    fields.emplace_back(boost::json::object{{"field", r.field}, {"change", r.change}, {"reference", r.reference}});
  return print(boost::json::serialize(
      boost::json::object{{"name", name}, {"version", version}, {"dry_run", ctx.has("dry-run")}, {"fields", std::move(fields)}}));
}

}  // namespace

CommandResult cmd_env_import(CommandContext& ctx) {
  const std::string& file = ctx.arguments[0];
  DSO_TRY(const std::string name, secret_name(ctx, file));
  DSO_TRY(const auto passphrase, passphrase_of(ctx));
  const StoreLocation where = ctx.paths.store();
  DSO_TRY(const LocalStore store, LocalStore::open(where, passphrase ? std::optional(passphrase->clone()) : std::nullopt));
  std::vector<SecretValue> secrets;
  DSO_TRY(SecretValue read, variables_of(ctx, file, name));
  secrets.push_back(std::move(read));

  // How a reference says it depends on the config; that it cannot be said is no reason not to store.
  std::string prefix;
  if (const auto loaded = load_config(ctx.globals.config_path); loaded.has_value())
    if (const auto reference = local_reference(name, loaded->config); reference.has_value()) prefix = "dso://" + *reference + "#";
  auto got = store.get(name);
  const std::optional<SecretValue> before = got.has_value() ? std::optional(std::move(*got)) : std::nullopt;
  std::vector<ImportRow> rows;
  for (const SecretField& f : secrets[0].fields)
    rows.push_back({f.name, change_of(before, f), prefix.empty() ? "" : prefix + f.name});

  if (ctx.has("dry-run")) {
    DSO_CHECK(rehearse_all(where, passphrase, secrets, ctx.has("force")));
    note(ctx.globals, "Would be stored as fields of '" + name + "'; nothing was changed (--dry-run).");
    return show(ctx, name, "", rows) ? 0 : 1;
  }
  DSO_TRY(const auto changes, store_all(where, passphrase, secrets, ctx.has("force")));
  poke_agent(ctx.paths.control_socket());
  note(ctx.globals, "Stored as fields of '" + name + "', version " + changes[0].version + ".");
  if (prefix.empty())
    note(ctx.globals, "The config has no local store among its providers: add `local: {type: local}` before you refer to it.");
  else
    note(ctx.globals,
         "Next: dso run --secret " + prefix.substr(6, prefix.size() - 7) +
             ": IMAGE has all of them as variables; in a compose file they are the lines IN COMPOSE, under `environment:`.");
  if (file != "-") note(ctx.globals, "'" + file + "' is as it was: delete it once nothing reads it any more.");
  return show(ctx, name, changes[0].version, rows) ? 0 : 1;
}

}  // namespace dso::cli
