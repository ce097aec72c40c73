// `dso compose ARGS…`: any command of `docker compose`, with the secrets of what it starts. The same name is what `docker
// compose` itself runs for a service with `provider: {type: dso}` (compose_provide.h).
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/file.h"
#include "compose_call.h"
#include "compose_provide.h"
#include "compose_start.h"
#include "delivery/env_shim.h"
#include "docker_engine.h"
#include "docker_process.h"
#include "logic/run_variables.h"

namespace dso::cli {
namespace {

std::string parents_name() {
  auto name = read_text_file("/proc/" + std::to_string(getppid()) + "/comm", 64);
  return name.has_value() ? name->substr(0, name->find('\n')) : std::string();
}

Error passed_on_as_text(const std::string& verb, const std::string& where) {
  return make_error(ErrorClass::usage, "Cannot run `docker compose " + verb + "`",
                    where + " holds a reference (dso:// or dsofile://), which would be passed on as text",
                    "Write it as the whole value of a variable under the service's `environment:`.");
}

/// References count in the compose file alone.
Result<void> no_reference_typed(const std::string& verb, const ComposeArgs& args) {
  for (const std::string& word : args.command)
    if (mention_in(word) != Mention::none) return passed_on_as_text(verb, "an argument");
  std::vector<RunVariable> variables;
  for (const std::string& e : args.env) variables.push_back(run_variable(e, std::getenv));
  for (const std::string& path : args.env_from_files)
    if (const auto text = read_secret_file(path, 8 << 20); text.has_value())
      for (RunVariable& v : read_run_env_file(view(*text), std::getenv).variables) variables.push_back(std::move(v));
  for (const RunVariable& v : variables)
    if (v.mention != Mention::none) return passed_on_as_text(verb, "the variable " + v.name);
  return {};
}

/// With /run/dso/init before the command where the container has variables of DSO's.
CommandResult compose_exec(CommandContext& context, ComposeArgs args) {
  DSO_TRY(const Engine engine, engine_of_docker());
  DSO_TRY(ComposeProject project, ComposeProject::open(args));
  DSO_TRY(const DockerCall list, project.call({"ps", "--quiet", "--", args.services.front()}));
  DSO_TRY(const DockerOutput listed, capture_docker(list));
  const std::string_view ids = view(listed.out);
  if (const std::string id(ids.substr(0, ids.find('\n'))); listed.exit_code == 0 && !id.empty()) {
    DSO_TRY(const Container container, engine.inspect(id, Deadline::in(std::chrono::seconds(10)), context.stop));
    if (has_env_shim(container)) put_before_command(args, kShimInContainer);
  }
  std::vector<std::string> words = {"exec"};
  words.insert(words.end(), args.command.begin(), args.command.end());
  DSO_TRY(const DockerCall call, project.call(words));
  return exec_docker(call);
}

CommandResult untouched_compose(const CommandContext& context) {
  DockerCall call;
  call.arguments = {"compose"};
  call.arguments.insert(call.arguments.end(), context.arguments.begin(), context.arguments.end());
  return exec_docker(call);
}

}  // namespace

CommandResult cmd_compose(CommandContext& context) {
  if (is_provider_call(context.arguments, parents_name())) return provide_to_compose(context);
  const ComposeLine line = split_compose_line(context.arguments);
  const auto is = [&](std::initializer_list<std::string_view> verbs) {
    return std::find(verbs.begin(), verbs.end(), line.verb) != verbs.end();
  };
  if (is({"down"})) {
    context.arguments = line.globals;
    context.arguments.insert(context.arguments.end(), line.words.begin(), line.words.end());
    return cmd_down(context);
  }
  if (is({"build"})) {  // as ever, if no reference would become an argument
    DSO_TRY(ComposeArgs args, parse_compose_args({}, ComposeCommand::up, line.globals));
    DSO_TRY(ComposeProject project, ComposeProject::open(std::move(args)));
    DSO_TRY(const ComposeProject::Config config, project.config());
    return config.exit_code != 0 ? CommandResult(config.exit_code) : untouched_compose(context);
  }
  if (is({"up", "create", "scale", "watch"})) {
    DSO_TRY(ComposeArgs args, parse_compose_args(line.words, ComposeCommand::up, line.globals));
    if (args.help) return untouched_compose(context);
    if (is({"scale"}))
      for (std::string& service : args.services) service.resize(std::min(service.find('='), service.size()));
    return start_with_secrets(context, std::move(args), line.verb);
  }
  if (!is({"run", "exec"})) return untouched_compose(context);
  const ComposeCommand command = is({"run"}) ? ComposeCommand::run : ComposeCommand::exec;
  DSO_TRY(ComposeArgs args, parse_compose_args(line.words, command, line.globals));
  if (args.help || args.services.empty()) return untouched_compose(context);
  DSO_CHECK(no_reference_typed(line.verb, args));
  return is({"run"}) ? start_with_secrets(context, std::move(args), "run") : compose_exec(context, std::move(args));
}

}  // namespace dso::cli
