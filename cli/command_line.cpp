// Global flags by hand, since they may stand before or after the command and pass-through commands own theirs; a command's own
// options by Program_options.
#include "command_line.h"

#include <unistd.h>

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <cstdlib>
#include <utility>

#include "help.h"

namespace dso::cli {
namespace {

namespace po = boost::program_options;

Error usage(std::string what, std::string cause, std::string next) {
  Error e;
  e.cls = ErrorClass::usage;
  e.what = std::move(what);
  e.cause = std::move(cause);
  e.next = std::move(next);
  return e;
}

bool takes(const std::string& argument, const char* flag, std::vector<std::string>& rest, std::size_t& i, std::string& value,
           bool& missing) {
  const std::string name = flag;
  if (argument == name) {
    if (i + 1 >= rest.size()) {
      missing = true;
      return true;
    }
    value = rest[++i];
    return true;
  }
  if (name.starts_with("--") && argument.starts_with(name + "=")) {
    value = argument.substr(name.size() + 1);
    return true;
  }
  return false;
}

/// Takes global flags out of `rest` until the first word that is none (all of them if `everywhere`).
Result<std::vector<std::string>> take_globals(std::vector<std::string> rest, bool everywhere, Globals& globals, bool& help) {
  std::vector<std::string> left;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const std::string a = rest[i];
    bool missing = false;
    if (a == "--" && everywhere) {
      left.insert(left.end(), rest.begin() + static_cast<std::ptrdiff_t>(i), rest.end());
      break;
    }
    if (takes(a, "-c", rest, i, globals.config_path, missing) || takes(a, "--config", rest, i, globals.config_path, missing) ||
        takes(a, "--format", rest, i, globals.format, missing)) {
      if (missing) return usage("The option '" + a + "' needs a value", "", "");
    } else if (a == "-q" || a == "--quiet") {
      globals.quiet = true;
    } else if (a == "--no-color") {
      globals.color = false;
    } else if (a == "-h" || a == "--help") {
      help = true;
    } else {
      left.push_back(a);
      if (!everywhere) {
        left.insert(left.end(), rest.begin() + static_cast<std::ptrdiff_t>(i) + 1, rest.end());
        break;
      }
    }
  }
  if (globals.format != "text" && globals.format != "json")
    return usage("The option '--format' has '" + globals.format + "'", "it takes text or json", "");
  return left;
}

Error unknown_command(const std::vector<std::string>& words) {
  bool group = false;
  std::string subcommands;
  for (const CommandSpec& c : command_table())
    if (const std::string name = c.name; name.starts_with(words[0] + " ")) {
      group = true;
      subcommands += (subcommands.empty() ? "" : ", ") + name;
    }
  if (group) return usage("'dso " + words[0] + "' needs a subcommand", subcommands, "");
  const std::string nearest = nearest_command(words[0]);
  return usage("'" + words[0] + "' is not a dso command", "",
               nearest.empty() ? "See 'dso --help'." : "Did you mean '" + nearest + "'?");
}

Result<void> parse_options(const CommandSpec& command, const std::vector<std::string>& words, CommandContext& context) {
  po::options_description described;
  for (const OptionSpec& o : command.options) {
    if (o.value)
      described.add_options()(o.name, po::value<std::string>(), o.help);
    else
      described.add_options()(o.name, o.help);
  }
  const std::string see = std::string("See 'dso ") + command.name + " --help'.";
  try {
    const auto parsed = po::command_line_parser(words).options(described).allow_unregistered().run();
    for (const auto& option : parsed.options) {
      if (!option.unregistered) continue;
      const std::string word = option.original_tokens.empty() ? option.string_key : option.original_tokens[0];
      return usage("Unknown option '" + word.substr(0, word.find('=')) + "'", "", see);
    }
    context.arguments = po::collect_unrecognized(parsed.options, po::include_positional);
    po::store(parsed, context.options);
  } catch (const po::error&) {
    // Its what() is about parsing rules; name the words instead.
    std::string line;
    for (const std::string& w : words)
      if (w.starts_with("-")) line += (line.empty() ? "" : " ") + w.substr(0, w.find('='));
    return usage("The options of 'dso " + std::string(command.name) + "' do not fit",
                 line + ": an option is repeated or lacks its value", see);
  }
  const int n = static_cast<int>(context.arguments.size());
  if (n < command.min_arguments || (command.max_arguments >= 0 && n > command.max_arguments))
    return usage(
        "'dso " + std::string(command.name) + "' takes " + (*command.arguments ? std::string(command.arguments) : "no arguments"),
        n < command.min_arguments ? "it is missing" : "there are " + std::to_string(n), see);
  return {};
}

}  // namespace

Result<ParsedLine> parse_command_line(std::vector<std::string> arguments) {
  ParsedLine out;
  Globals& globals = out.context.globals;
  globals.color = isatty(STDERR_FILENO) == 1 && !std::getenv("NO_COLOR");
  DSO_TRY(std::vector<std::string> words, take_globals(std::move(arguments), false, globals, out.help));
  if (words.empty()) {
    out.help = true;
    return out;
  }
  if (words[0] == "help") {
    out.help = true;
    words.erase(words.begin());
    if (words.empty()) return out;
  }
  if (words[0] == "--version" || words[0] == "-v") words[0] = "version";
  if (words[0].starts_with("-")) return usage("Unknown option '" + words[0] + "'", "", "See 'dso --help'.");
  out.command = find_command(command_table(), words);
  if (!out.command) {
    const bool help_asked = out.help || (words.size() == 2 && (words[1] == "--help" || words[1] == "-h"));
    if (help_asked && !help_for_group(words[0]).empty()) {
      out.help = true;
      out.group = words[0];
      return out;
    }
    return unknown_command(words);
  }
  words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(out.command->words()));
  if (out.command->pass_through) {
    if (words.size() == 1 && (words[0] == "--help" || words[0] == "-h")) out.help = true;
    out.context.arguments = std::move(words);
    return out;
  }
  DSO_TRY(words, take_globals(std::move(words), true, globals, out.help));
  if (!out.help) DSO_CHECK(parse_options(*out.command, words, out.context));
  return out;
}

std::vector<std::string> without_plugin_prefix(const std::string& program, std::vector<std::string> arguments) {
  if (!program.ends_with("docker-dso")) return arguments;
  if (arguments.size() > 1 && arguments[0] == "__complete" && arguments[1] == "dso") {  // as `docker dso <TAB>` has it
    arguments.erase(arguments.begin() + 1);
    return arguments;
  }
  std::string host, context, config;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& a = arguments[i];
    if (a == "dso") {
      // A context that is asked for counts before DOCKER_HOST, but for the usual one, which is what that says.
      if (!context.empty() && context != "default") unsetenv("DOCKER_HOST");
      const std::pair<const char*, const std::string&> said[] = {
          {"DOCKER_HOST", host}, {"DOCKER_CONTEXT", context}, {"DOCKER_CONFIG", config}};
      for (const auto& [name, text] : said)
        if (!text.empty()) setenv(name, text.c_str(), 1);
      return {arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1, arguments.end()};
    }
    const bool is_long = a.starts_with("--");
    const auto value = [&]() -> std::string {
      if (const auto equals = a.find('='); equals != std::string::npos && (is_long || equals == 2)) return a.substr(equals + 1);
      if (!is_long && a.size() > 2) return a.substr(2);
      return i + 1 < arguments.size() ? arguments[++i] : std::string();
    };
    if (a.starts_with("-H") || a.starts_with("--host")) {
      host = value();
    } else if (a.starts_with("-c") || a.starts_with("--context")) {
      context = value();
    } else if (a.starts_with("--config")) {
      config = value();
    } else if (a == "-l" || a.starts_with("--log-level") || a.starts_with("--tlscacert") || a.starts_with("--tlscert") ||
               a.starts_with("--tlskey")) {
      (void)value();
    } else if (!a.starts_with("-")) {
      return arguments;
    }
  }
  return arguments;
}

}  // namespace dso::cli
