// Layout of the overview and of one command's help.
#include "help.h"

#include "logic/text.h"

namespace dso::cli {
namespace {

constexpr const char* kGlobals =
    "Global options:\n"
    "  -c, --config FILE      dso.yaml to use (else $DSO_CONFIG, ./dso.yaml, /etc/dso/dso.yaml)\n"
    "      --format FORMAT    text or json\n"
    "  -q, --quiet            No notes on stderr\n"
    "      --no-color         No colour (also NO_COLOR)\n"
    "  -h, --help             This help, or a command's\n";

std::string padded(std::string text, std::size_t to) {
  if (text.size() < to) text.append(to - text.size(), ' ');
  return text;
}

}  // namespace

std::string global_options() {
  return kGlobals;
}

std::string overview() {
  std::string out =
      "Usage:  dso [OPTIONS] COMMAND   (also: docker dso …)\n\n"
      "Secrets for plain Docker: from a store into running containers, and changed live.\n\nCommands:\n";
  for (const CommandSpec& c : command_table())
    if (!c.hidden) out += "  " + padded(c.name, 18) + c.summary + "\n";
  out += "\n";
  out += kGlobals;
  out += "\nRun 'dso COMMAND --help' for more on a command.";
  return out;
}

std::string usage_line(const CommandSpec& c) {
  return std::string("dso ") + c.name + (c.options.empty() ? "" : " [OPTIONS]") + (*c.arguments ? " " : "") + c.arguments;
}

std::string help_for(const CommandSpec& c) {
  std::string out = "Usage:  " + usage_line(c) + "\n\n" + c.summary + "\n";
  if (*c.details) out += std::string("\n") + c.details + "\n";
  if (!c.options.empty()) {
    out += "\nOptions:\n";
    for (const OptionSpec& o : c.options) {
      const std::string letter = o.short_name();
      std::string left = (letter.empty() ? "      " : "  " + letter + ", ") + o.long_name();
      if (o.value) left += std::string(" ") + o.value;
      out += padded(left + "  ", 27) + o.help + "\n";
    }
  }
  out += "\n";
  out += kGlobals;
  out.pop_back();
  return out;
}

std::string help_for_group(const std::string& group) {
  std::string rows;
  for (const CommandSpec& c : command_table())
    if (!c.hidden && std::string_view(c.name).starts_with(group + " ")) rows += "  " + padded(c.name, 18) + c.summary + "\n";
  if (rows.empty()) return {};
  return "Usage:  dso " + group + " COMMAND\n\nCommands:\n" + rows + "\n" + kGlobals + "\nRun 'dso " + group +
         " COMMAND --help' for more on a command.";
}

std::string nearest_command(const std::string& word) {
  std::vector<std::string_view> names;
  for (const CommandSpec& c : command_table())
    if (!c.hidden) names.emplace_back(c.name);
  return std::string(closest(word, names).value_or(""));
}

}  // namespace dso::cli
