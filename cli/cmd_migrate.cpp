// `dso migrate`: a compose file's secrets into the local store, and a copy of the file that refers to them. Everything is read
// and checked before anything is written; the originals are only read.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <set>
#include <sstream>

#include "agent/control_client.h"
#include "agent/load_config.h"
#include "base/file.h"
#include "base/path.h"
#include "command.h"
#include "commands_of_files.h"
#include "compose_files.h"
#include "compose_read.h"
#include "logic/secret_variables.h"
#include "migrate_output.h"
#include "render.h"
#include "secret_output.h"
#include "secret_target.h"

namespace dso::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestComposeFile = 4 * 1024 * 1024;

Error migrate_usage(std::string what, std::string cause, std::string next) {
  return make_error(ErrorClass::usage, std::move(what), std::move(cause), std::move(next));
}

struct Files {
  std::string input, output, folder;
};

Result<std::string> input_file(const CommandContext& ctx) {
  const std::string given = ctx.arguments.empty() ? "" : ctx.arguments[0];
  if (!given.empty() && !is_folder(given)) {
    if (is_there(given)) return given;
    return make_error(ErrorClass::not_found, "No compose file at '" + given + "'", "", "Name the file or its folder.");
  }
  ComposeArgs args;
  args.project_directory = given;
  DSO_TRY(const std::vector<std::string> files, compose_files(args));
  if (files.empty())
    return make_error(ErrorClass::not_found, "No compose file " + (given.empty() ? "here" : "in '" + given + "'"), "",
                      "Name the file: dso migrate FILE.");
  for (std::size_t i = 1; i < files.size(); ++i)
    note(ctx.globals, "Not read: " + files[i] + ". Run dso migrate on it too, and name both by -f.");
  // what lies here is said as people say it
  const std::string shortest = fs::path(absolute_path(files[0])).lexically_proximate(absolute_path(".")).string();
  return shortest.starts_with("..") ? files[0] : shortest;
}

Result<Files> files_of(const CommandContext& ctx) {
  Files out;
  DSO_TRY(out.input, input_file(ctx));
  const fs::path path(out.input);
  out.folder = fs::path(absolute_path(out.input)).parent_path().string();
  out.output = ctx.text("output", (path.parent_path() / (path.stem().string() + ".dso" + path.extension().string())).string());
  if (out.output == "-") {
    if (ctx.globals.json() && !ctx.has("dry-run"))
      return migrate_usage("Two things cannot go to stdout", "--output - and --format json", "");
    return out;
  }
  if (is_same_file(out.input, out.output))
    return migrate_usage("The compose file itself is never written to", "--output names it", "Give another name, or none.");
  if (fs::path(absolute_path(out.output)).parent_path().string() != out.folder)
    return migrate_usage("'" + out.output + "' lies in another folder than '" + out.input + "'",
                         "relative paths in it would mean something else there",
                         "Give a name in the same folder, or --output -.");
  if (struct stat st{}; lstat(out.output.c_str(), &st) == 0 && !ctx.has("force"))
    return migrate_usage("'" + out.output + "' is there already", "", "--force replaces it; --output names another one.");
  return out;
}

std::set<std::string> names_in(const std::string& list) {
  std::set<std::string> out;
  std::istringstream words(list);
  for (std::string word; std::getline(words, word, ',');)
    if (!word.empty()) out.insert(word);
  return out;
}

/// The values of the changes that were made, a secret a service.
std::vector<SecretValue> secrets_of(const ComposeValues& values, const MigrateChoice& choice,
                                    const std::vector<ExpectedChange>& done) {
  std::vector<SecretValue> out;
  for (const ServiceValues& service : values.services) {
    SecretValue secret{migrated_secret(choice, service.service), {}, {}};
    for (const SecretField& f : service.variables)
      if (std::any_of(done.begin(), done.end(),
                      [&](const ExpectedChange& c) { return c.service == service.service && c.variable == f.name; }))
        secret.fields.push_back({f.name, f.value.clone()});
    if (!secret.fields.empty()) out.push_back(std::move(secret));
  }
  return out;
}

std::vector<Leftover> leftovers_of(const EditedCompose& edited, const std::vector<SecretValue>& secrets) {
  std::vector<const SecretField*> fields;
  std::vector<std::string> watched = edited.interpolated;
  for (const SecretValue& secret : secrets)
    for (const SecretField& f : secret.fields) {
      fields.push_back(&f);
      watched.push_back(f.name);
    }
  return leftovers(view(edited.text), fields, watched);
}

/// Compose must read the copy as it read the original, but for what was meant.
Result<void> check_copy(const Files& files, const EditedCompose& edited, const SecretBuffer& before) {
  DSO_TRY(const ComposeRead after, read_compose_text(view(edited.text), files.folder, files.input));
  DSO_TRY(const std::string where, unexpected_change(view(before), view(after.json), edited.done, edited.labelled));
  if (where.empty()) return {};
  return make_error(ErrorClass::unsupported, "Cannot change '" + files.input + "' safely",
                    "Docker Compose would read the copy otherwise at `" + where + "`",
                    "Nothing was changed. Leave that variable out with --leave NAME, and do it by hand.");
}

/// Writes the copy as the last thing but the store, and takes it back.
class CopyOnDisk {
 public:
  CopyOnDisk(const Files& files, const SecretBuffer& text) : files_(files), text_(text) {}
  Result<void> operator()(bool doing) {
    if (files_.output == "-") {
      if (doing && !write_out(view(text_))) return io_error("Cannot write to stdout", errno);
      return {};
    }
    if (!doing) {
      if (had_) return replace_file(files_.output, view(old_), mode_, owner_);
      unlink(files_.output.c_str());
      return {};
    }
    struct stat st {};
    if (stat(files_.input.c_str(), &st) != 0) return io_error("Cannot read '" + files_.input + "'", errno);
    mode_ = st.st_mode & 0777;
    if (geteuid() == 0) owner_ = {st.st_uid, st.st_gid};
    if (auto old = read_secret_file(files_.output, kLargestComposeFile); old.has_value()) {
      had_ = true;
      old_ = std::move(*old);
    }
    return replace_file(files_.output, view(text_), mode_, owner_);
  }

 private:
  const Files& files_;
  const SecretBuffer& text_;
  bool had_ = false;
  SecretBuffer old_;
  mode_t mode_ = 0;
  FileOwner owner_;
};

void say_what_is_next(const CommandContext& ctx, const Files& files, const MigrateReport& report) {
  std::string stored;
  for (const StoredChange& c : report.stored) stored += (stored.empty() ? "" : ", ") + c.name;
  note(ctx.globals, "Stored: " + stored + ".");
  if (files.output != "-") note(ctx.globals, "Wrote " + files.output + ". Next: dso up -f " + files.output + " -d");
  note(ctx.globals,
       "'" + files.input + "' and its env files are as they were: the values are in them still. Take them out once it runs.");
}

}  // namespace

CommandResult cmd_migrate(CommandContext& ctx) {
  DSO_TRY(const Files files, files_of(ctx));
  DSO_TRY(const SecretBuffer original, read_secret_file(files.input, kLargestComposeFile));
  DSO_TRY(const LoadedConfig loaded, load_config(ctx.globals.config_path));
  DSO_TRY(const ComposeRead before, read_compose_file(files.input));
  DSO_TRY(const ComposeValues values, compose_values(view(before.json)));
  MigrateChoice choice{names_in(ctx.text("variable")), names_in(ctx.text("leave")), ctx.text("name-prefix", values.project)};
  MigrateReport report;
  report.file = files.input;
  report.output = files.output;
  report.dry_run = ctx.has("dry-run");
  DSO_TRY(report.decisions, plan_migration(values, choice, loaded.config));

  std::vector<ExpectedChange> changes;
  for (const VariableDecision& d : report.decisions)
    if (d.move) changes.push_back({d.service, d.variable, d.reference});
  std::vector<std::string> watched;
  for (const ServiceValues& s : values.services) {
    if (s.watched) watched.push_back(s.service);
    for (const std::string& name : s.build_arguments)
      if (guess_variable(name, "value").secret) report.build_arguments.emplace_back(s.service, name);
  }
  EditedCompose edited = edit_compose(view(original), changes, watched);
  report.refused = edited.refused;
  DSO_CHECK(check_copy(files, edited, before.json));
  const std::vector<SecretValue> secrets = secrets_of(values, choice, edited.done);
  report.leftovers = leftovers_of(edited, secrets);
  if (before.unset) note(ctx.globals, "A $NAME in '" + files.input + "' or its env files names a variable that is not set here.");

  const StoreLocation where = ctx.paths.store();
  if (secrets.empty()) {
    note(ctx.globals, "There is nothing to move: nothing was written. --variable NAME,… says which variable is a secret.");
    return show_migration(ctx.globals, report) ? 0 : 1;
  }
  DSO_TRY(const auto passphrase, passphrase_of(ctx));
  if (report.dry_run) {
    if (!LocalStore::exists(where)) {
      note(ctx.globals, "There is no local store yet: dso init.");
    } else {
      DSO_CHECK(rehearse_all(where, passphrase, secrets, ctx.has("force")));
    }
    note(ctx.globals, "Nothing was changed (--dry-run).");
    return show_migration(ctx.globals, report) ? 0 : 1;
  }
  CopyOnDisk copy(files, edited.text);
  DSO_TRY(report.stored, store_all(where, passphrase, secrets, ctx.has("force"), std::ref(copy)));
  poke_agent(ctx.paths.control_socket());
  const bool shown = show_migration(ctx.globals, report);
  say_what_is_next(ctx, files, report);
  return shown ? 0 : 1;
}

}  // namespace dso::cli
