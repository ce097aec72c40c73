// What every command of the table gets and gives. A command is a row of command_table.cpp and a file cmd_<name>.cpp.
#pragma once
#include <boost/program_options/variables_map.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "agent/paths.h"
#include "agent/reload_requests.h"
#include "base/result.h"

namespace dso::cli {

struct Globals {
  std::string config_path;      ///< -c
  std::string format = "text";  ///< text or json
  bool quiet = false;
  bool color = false;  ///< Stderr is a terminal, and neither --no-color nor NO_COLOR.
  bool json() const { return format == "json"; }
};

struct CommandContext {
  Globals globals;
  Paths paths;
  boost::program_options::variables_map options;  ///< As the row declares them; `has("reveal")`.
  std::vector<std::string> arguments;             ///< Positional ones; for pass-through commands everything after the name.
  std::stop_token stop;                           ///< SIGINT, SIGTERM.
  ReloadRequests* reloads = nullptr;              ///< SIGHUP, for the agent alone; every other command ends of it.
  bool has(const char* option) const { return options.count(option) > 0; }
  std::string text(const char* option, const std::string& fallback = {}) const {
    return has(option) ? options[option].as<std::string>() : fallback;
  }
};

/// 0 or an exit code already explained on stderr; an Error is rendered by main.
using CommandResult = Result<int>;

struct OptionSpec {
  const char* name;   ///< "field,f" as Program_options takes it.
  const char* value;  ///< Placeholder ("FIELD"), or nullptr for a switch.
  const char* help;
  std::string long_name() const;   ///< "--field"
  std::string short_name() const;  ///< "-f", or ""
};
struct CommandSpec {
  const char* name;       ///< "secret set": two words are a subcommand.
  const char* arguments;  ///< "NAME[#FIELD]"
  const char* summary;    ///< One line.
  const char* details;    ///< Paragraphs for --help, may be "".
  std::vector<OptionSpec> options;
  int min_arguments = 0;
  int max_arguments = 0;      ///< -1: any number.
  bool pass_through = false;  ///< Arguments are Docker's: not parsed here.
  bool hidden = false;
  CommandResult (*run)(CommandContext&) = nullptr;
  std::size_t words() const;  ///< Of its name: 1 or 2.
};

const std::vector<CommandSpec>& command_table();
/// The command whose name these words begin with; null: none.
const CommandSpec* find_command(const std::vector<CommandSpec>& table, const std::vector<std::string>& words);

CommandResult cmd_version(CommandContext&);
CommandResult cmd_validate(CommandContext&);
CommandResult cmd_fetch(CommandContext&);
CommandResult cmd_inspect(CommandContext&);
CommandResult cmd_agent(CommandContext&);
CommandResult cmd_watch(CommandContext&);
CommandResult cmd_init(CommandContext&);
CommandResult cmd_secret_set(CommandContext&);
CommandResult cmd_secret_get(CommandContext&);
CommandResult cmd_secret_list(CommandContext&);
CommandResult cmd_secret_rm(CommandContext&);
CommandResult cmd_provider_list(CommandContext&);
CommandResult cmd_provider_install(CommandContext&);
CommandResult cmd_provider_verify(CommandContext&);
CommandResult cmd_provider_remove(CommandContext&);
CommandResult cmd_provider_test(CommandContext&);
CommandResult cmd_up(CommandContext&);
CommandResult cmd_down(CommandContext&);
CommandResult cmd_run(CommandContext&);
CommandResult cmd_exec(CommandContext&);
CommandResult cmd_compose(CommandContext&);
CommandResult cmd_plan(CommandContext&);
CommandResult cmd_rotate(CommandContext&);
CommandResult cmd_rollback(CommandContext&);
CommandResult cmd_status(CommandContext&);
CommandResult cmd_logs(CommandContext&);
CommandResult cmd_completion(CommandContext&);
CommandResult cmd_complete(CommandContext&);
CommandResult cmd_config_show(CommandContext&);
CommandResult cmd_config_schema(CommandContext&);
CommandResult cmd_docs(CommandContext&);
CommandResult cmd_doctor(CommandContext&);

}  // namespace dso::cli
