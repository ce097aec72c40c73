// `dso run`: `docker run` with secrets there before the first instruction. Delivers a scope of its own, adds its mounts and
// labels to Docker's flags, runs docker, and wipes the scope if no container came of it.
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <optional>
#include <set>

#include "agent/agent_config.h"
#include "agent/deliver.h"
#include "agent/fetch_once.h"
#include "agent/gc_scopes.h"
#include "agent/load_config.h"
#include "agent/run_dir_engine.h"
#include "base/digest.h"
#include "base/file.h"
#include "command.h"
#include "deadlines.h"
#include "delivery/env_shim.h"
#include "delivery/scope_hold.h"
#include "delivery_items.h"
#include "docker/engine.h"
#include "docker/image_user.h"
#include "docker_engine.h"
#include "docker_process.h"
#include "follow.h"
#include "logic/compose_override.h"
#include "logic/container_spec.h"
#include "logic/mount_clash.h"
#include "logic/resolve_targets.h"
#include "logic/rotation_names.h"
#include "logic/run_args.h"
#include "logic/scope_id.h"
#include "logic/secret_flag.h"
#include "render.h"

namespace dso::cli {
namespace {

constexpr auto kDeliveryTime = std::chrono::seconds(60);

Result<std::map<std::string, std::string>> labels_of(const RunArgs& args) {
  std::map<std::string, std::string> out;
  for (const std::string& file : args.label_files) {
    DSO_TRY(const std::string text, read_text_file(file, 1 << 20));
    for (auto& [key, value] : parse_label_file(text)) out[key] = value;
  }
  for (const auto& [key, value] : args.labels) out[key] = value;
  return out;
}

/// What docker is to read of the --env-files, in memory where it is not what lies there: a pipe is read once, and a reference is
/// no program's to see. What cannot be opened docker complains of itself.
Result<std::vector<UniqueFd>> take_env_files(RunArgs& args, std::vector<RunVariable>& variables) {
  std::vector<UniqueFd> out;
  for (const RunEnvFlag& f : args.env_files) {
    const UniqueFd file(open(f.path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat st {};
    if (!file || fstat(file.get(), &st) != 0 || S_ISDIR(st.st_mode)) continue;
    const SecretBuffer text = read_to_end(file.get());
    RunEnvFile read = read_run_env_file(view(text), std::getenv);
    std::move(read.variables.begin(), read.variables.end(), std::back_inserter(variables));
    if (!read.changed && S_ISREG(st.st_mode)) continue;
    DSO_TRY(UniqueFd memory, memory_file(view(read.changed ? read.kept : text)));
    replace_env_file(args, f, fd_path(memory.get()));
    out.push_back(std::move(memory));
  }
  return out;
}

Result<std::vector<DeliveryItem>> items_of(const RunArgs& args, const std::map<std::string, std::string>& labels,
                                           const std::vector<EnvReference>& references, const Config& config) {
  TargetFacts facts;
  facts.name = args.name;
  facts.labels = labels;
  DSO_TRY(auto found, resolve_items(config, facts));
  std::vector<DeliveryItem> asked;
  for (const std::string& spec : args.secrets) {
    DSO_TRY(DeliveryItem item, parse_secret_flag(spec, config));
    asked.push_back(std::move(item));
  }
  for (const EnvReference& r : references) {
    DSO_TRY(DeliveryItem item, reference_item(config, r));
    asked.push_back(std::move(item));
  }
  return merge_items(std::move(found), asked);
}

Error image_error(const std::string& image, std::string cause, std::string next) {
  Error e;
  e.cls = ErrorClass::not_found;
  e.what = "Cannot look at the image '" + image + "'";
  e.cause = std::move(cause);
  e.next = std::move(next);
  return e;
}

/// The image's own entrypoint, command and user; pulled first where `docker run` would pull it. A nonzero `exit_code`: docker's.
struct Image {
  int exit_code = 0;
  ImageConfig config;
  bool pulled = false;
};
Result<Image> get_image(const RunArgs& args, const Engine& engine, std::stop_token stop) {
  Image out;
  if (args.pull != "always") {
    auto local = engine.inspect_image(args.image, Deadline::in(kEngineTime), stop);
    if (local.has_value()) {
      out.config = std::move(*local);
      return out;
    }
    if (local.error().cls != ErrorClass::not_found) return local.error();
    if (args.pull == "never")
      return image_error(args.image, "it is not on this host, and --pull never forbids to get it",
                         "Pull it first: docker pull " + args.image);
  }
  DockerCall call;
  call.arguments = {"pull"};
  if (!args.platform.empty()) call.arguments.insert(call.arguments.end(), {"--platform", args.platform});
  if (args.quiet) call.arguments.emplace_back("--quiet");
  call.arguments.push_back(args.image);
  call.stdout_to_stderr = true;
  DSO_TRY(const int code, run_docker(call));
  out.exit_code = code == 0 ? 0 : 125;  // what `docker run` exits with when it cannot pull
  if (code != 0) return out;
  out.pulled = true;
  DSO_TRY(out.config, engine.inspect_image(args.image, Deadline::in(kEngineTime), stop));
  return out;
}

/// A field of Docker's comma-separated --mount syntax.
std::string mount_field(const std::string& key, const std::string& value) {
  if (value.find_first_of(",\"\n") == std::string::npos) return key + "=" + value;
  std::string out = "\"" + key + "=";
  for (char c : value) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

void add_mount(std::vector<std::string>& to, const std::string& source, const std::string& target) {
  to.insert(to.end(),
            {"--mount", "type=bind," + mount_field("source", source) + "," + mount_field("target", target) + ",readonly"});
}

/// NAME=value lines in memory, for --env-file. Docker reads it line by line, so a value with a line break cannot pass.
Result<UniqueFd> env_file_of(const DeliveryPlan& plan) {
  SecretBuffer text;
  for (const PlannedEnv& e : plan.env) {
    if (e.content.find_first_of("\r\n") != std::string_view::npos) {
      Error error;
      error.cls = ErrorClass::config;
      error.what = "Cannot set the visible variable " + e.name;
      error.cause = "the value has a line break, which a plain variable of `docker run` cannot carry";
      error.next = "Leave `visible: true` out, or deliver it as a file (inject: file).";
      return error;
    }
    append(text, e.name + "=");
    append(text, e.content);
    append(text, "\n");
  }
  return memory_file(view(text));
}

struct Prepared {
  std::string scope_id;  ///< Empty: all variables are visible, nothing lies on tmpfs.
  UniqueFd hold;
  DockerCall call;
  UniqueFd env_file;
};

struct Request {
  const CommandContext& context;
  const RunArgs& args;
  const std::map<std::string, std::string>& labels;
  const Image& image;
};

void tell_conflicts(const Request& r, const std::vector<std::string>& names) {
  for (const std::string& name : names)
    if (std::any_of(r.args.variables.begin(), r.args.variables.end(),
                    [&](const RunVariable& v) { return v.name == name && v.mention == Mention::none; }))
      note(r.context.globals, "dso: --env " + name + " is overridden by the secret of that name");
}

/// --health-cmd by which the healthcheck, the caller's or the image's, sees the variables; "": it stays as it is.
Result<std::string> health_command(const Request& r, const Engine& engine) {
  if (r.args.no_healthcheck) return std::string();
  const ImageConfig& image = r.image.config;
  const std::vector<std::string> asked = {"CMD-SHELL", r.args.health_command.value_or("")};
  const std::vector<std::string>& test = r.args.health_command ? asked : image.health_test;
  std::string command = shimmed_health_command(test, image.shell);
  if (command.empty() || test[0] == "CMD-SHELL" || !image.shell.empty()) return command;
  DSO_TRY(const bool shell, has_shell(engine, image.id, Deadline::in(kEngineTime), r.context.stop));
  if (shell) return command;
  note(r.context.globals,
       "dso: warning: the image's healthcheck does not see the secrets' variables: `docker run` changes one by a shell only, and "
       "the image has none. Use `dso up`, or deliver to files");
  return std::string();
}

/// The arguments behind "run", but for what visible variables add.
Result<std::vector<std::string>> docker_arguments(const Request& r, const std::vector<OwnMount>& own,
                                                  const std::vector<DeliveryItem>& items, const std::string& scope_id,
                                                  const std::optional<Delivered>& delivered, const std::string& env_file,
                                                  const std::string& health) {
  std::vector<std::string> out = {"run"};
  out.insert(out.end(), r.args.flags.begin(), r.args.flags.end());
  if (r.image.pulled) out.emplace_back("--pull=missing");  // the image just looked at is the one to run
  if (!scope_id.empty()) out.insert(out.end(), {"--label", std::string(label::kScope) + "=" + scope_id});
  if (!r.labels.contains(label::kSecrets))
    out.insert(out.end(), {"--label", std::string(label::kSecrets) + "=" + secrets_label(items)});
  if (!env_file.empty()) out.insert(out.end(), {"--env-file", env_file});
  std::vector<std::string> command = r.args.command;
  if (delivered) {
    std::vector<ScopeMount> ours = delivered->mounts;
    if (delivered->has_env) ours.push_back({delivered->shim_host_path, kShimInContainer});
    if (auto clash = mount_clash(mounts_of(own, r.image.config, ours), ours)) return std::move(*clash);
    for (const ScopeMount& m : ours) add_mount(out, m.host_path, m.container_path);
    if (delivered->has_env) {
      if (!health.empty()) out.insert(out.end(), {"--health-cmd", health});
      std::optional<std::vector<std::string>> entrypoint, given;
      if (r.args.entrypoint) entrypoint = std::vector<std::string>{*r.args.entrypoint};
      if (!entrypoint && !r.image.config.entrypoint.empty())
        out.insert(out.end(), {"--label", std::string(label::kEntrypoint) + "=image"});
      if (!command.empty()) given = command;
      DSO_TRY(const StartCommand start, with_shim(effective_start(r.image.config, entrypoint, given)));
      out.insert(out.end(), {"--entrypoint", start.entrypoint[0]});
      command.assign(start.entrypoint.begin() + 1, start.entrypoint.end());
      command.insert(command.end(), start.command.begin(), start.command.end());
    }
  }
  out.push_back(r.args.image);
  out.insert(out.end(), command.begin(), command.end());
  return out;
}

/// Delivers and says what to call. The stores are closed again when this returns: docker may run for days.
Result<Prepared> prepare(const Request& r, const Config& config, std::vector<DeliveryItem> items, const Engine& engine,
                         TmpfsStore& store) {
  const Deadline deadline = Deadline::in(kDeliveryTime);
  FetchOnce once;
  Sources sources(config, r.context.paths, once.open());
  DSO_CHECK(name_lone_fields(items, sources, deadline, r.context.stop));
  const std::vector<DeliveryItem> all = items;
  const std::vector<DeliveryItem> visible = take_visible(items);
  std::vector<OwnMount> own = r.args.mounts;
  for (const Lender& lender : r.args.lenders) {
    DSO_TRY(const auto borrowed, borrowed_mounts(lender, engine, deadline, r.context.stop));
    own.insert(own.end(), borrowed.begin(), borrowed.end());
  }

  Prepared out;
  std::string env_path;
  if (!visible.empty()) {
    DSO_TRY(const VisibleVariables variables, fetch_visible(visible, sources, deadline, r.context.stop));
    DSO_TRY(out.env_file, env_file_of(variables.plan));
    env_path = fd_path(out.env_file.get());
    for (const PlannedEnv& e : variables.plan.env)
      note(r.context.globals,
           "dso: warning: " + e.name + " is visible to everyone who may run `docker inspect` (inject: visible: true)");
  }
  std::optional<Delivered> delivered;
  if (!items.empty()) {
    Scope scope;
    scope.id = run_scope_id(random_hex(8));
    scope.service = r.args.name.empty() ? r.args.image : r.args.name;
    scope.items = items;
    DSO_CHECK(settle_user(scope, r.args.user, r.image.config, engine, deadline, r.context.stop));
    out.scope_id = scope.id;
    DSO_TRY(out.hold, hold_scope(store, scope.id));
    DSO_TRY(delivered, deliver_scope(scope, sources, store, deadline, r.context.stop));
    tell_conflicts(r, delivered->env_names);
  }
  auto health = delivered && delivered->has_env ? health_command(r, engine) : Result<std::string>(std::string());
  auto arguments = health.has_value() ? docker_arguments(r, own, all, out.scope_id, delivered, env_path, *health)
                                      : Result<std::vector<std::string>>(health.error());
  if (arguments.has_error()) {
    if (!out.scope_id.empty()) (void)store.remove(out.scope_id);
    return arguments.error();
  }
  out.call.arguments = std::move(*arguments);
  if (out.env_file) out.call.inherited.push_back(out.env_file.get());
  if (out.hold) out.call.inherited.push_back(out.hold.get());  // docker goes on when we are killed
  return out;
}

void inherit(DockerCall& call, const std::vector<UniqueFd>& files) {
  for (const UniqueFd& fd : files) call.inherited.push_back(fd.get());
}

DockerCall untouched(const CommandContext& context, const RunArgs& args, const std::vector<UniqueFd>& env_files) {
  DockerCall call;
  call.arguments = {"run"};
  const auto add = [&](const std::vector<std::string>& words) {
    call.arguments.insert(call.arguments.end(), words.begin(), words.end());
  };
  if (env_files.empty()) {
    add(context.arguments);
    return call;
  }
  add(args.flags);
  add({args.image});
  add(args.command);
  inherit(call, env_files);
  return call;
}

}  // namespace

CommandResult cmd_run(CommandContext& context) {
  DSO_TRY(RunArgs args, parse_run_args(context.arguments, std::getenv));
  if (args.help) return exec_docker(untouched(context, args, {}));
  DSO_TRY(const auto labels, labels_of(args));
  note_slips(context.globals, {}, labels);
  DSO_TRY(const LoadedConfig loaded, load_config(context.globals.config_path));
  std::vector<RunVariable> variables;
  DSO_TRY(const std::vector<UniqueFd> env_files, take_env_files(args, variables));
  variables.insert(variables.end(), args.variables.begin(), args.variables.end());
  DSO_TRY(const std::vector<EnvReference> references, references_that_count(variables));
  for (const EnvReference& r : references)
    if (r.file) args.flags.insert(args.flags.end(), {"--env", r.variable + "=" + reference_path(r)});
  DSO_TRY(const auto items, items_of(args, labels, references, loaded.config));
  if (items.empty()) {
    note(context.globals, "dso: no secret for this container: neither --secret nor the config names one");
    return exec_docker(untouched(context, args, env_files));
  }
  DSO_TRY(const Engine engine, engine_of_docker());
  DSO_TRY(const Image image, get_image(args, engine, context.stop));
  if (image.exit_code != 0) return image.exit_code;
  const auto reloader = labels.find(label::kReloader);
  const bool opted_in = reloader != labels.end() && reloader->second == "true";
  if (!opted_in) note(context.globals, "dso: add --label dso.reloader=true to have changes reach this container");

  DSO_TRY(TmpfsStore store, TmpfsStore::open(context.paths.run_paths()));
  DSO_CHECK(claim_run_dir(engine, store, Deadline::in(kEngineTime), context.stop));
  DSO_TRY(Prepared prepared, prepare({context, args, labels, image}, loaded.config, items, engine, store));
  std::set<std::string> instances;
  for (const DeliveryItem& item : items) instances.insert(item.secret.instance);
  for (const std::string& warning : agent_config_warnings(context.paths, loaded.mark, instances, context.stop))
    note(context.globals, "dso: warning: " + warning);
  if (context.stop.stop_requested()) {
    if (!prepared.scope_id.empty()) (void)store.remove(prepared.scope_id);
    return 130;
  }
  inherit(prepared.call, env_files);
  const std::string& scope = prepared.scope_id;
  const bool followed = !args.detach && !scope.empty() && opted_in;
  DSO_TRY(const int code,
          followed ? run_followed(context, prepared.call, args, engine, store, scope) : run_docker(prepared.call));
  // Nothing came of it, or --rm took it away.
  for (const std::string& id : store.list())
    if (!scope.empty() && scope_base(id) == scope) drop_unused(engine, store, id);
  return code;
}

}  // namespace dso::cli
