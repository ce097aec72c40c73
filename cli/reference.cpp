// The same facts twice: headings and tables for the web, macros for man(1).
#include "reference.h"

#include <string_view>

#include "command.h"
#include "help.h"

namespace dso::cli {
namespace {

struct ExitCode {
  int code;
  const char* means;
};
constexpr ExitCode kExitCodes[] = {{0, "ok"},
                                   {1, "failed"},
                                   {2, "usage or config"},
                                   {3, "access denied, or no valid credentials"},
                                   {4, "not found"},
                                   {5, "store or agent unavailable"},
                                   {6, "unhealthy: the last good secret is kept"},
                                   {7, "engine unreachable"},
                                   {130, "interrupted"}};

std::string flag_of(const OptionSpec& o) {
  const std::string letter = o.short_name();
  return letter + (letter.empty() ? "" : ", ") + o.long_name() + (o.value ? std::string(" ") + o.value : "");
}

/// Text for the man macros: a backslash, a dash, a dot or an apostrophe at a line's beginning would be theirs.
std::string roff(std::string_view text) {
  std::string out;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
    line_begins = c == '\n';
  }
  return out;
}

}  // namespace

std::string reference_markdown() {
  std::string out =
      "# Command line\n\n`dso docs markdown` makes this page, from the table that the commands are parsed with. `docker dso X` "
      "is `dso X`.\n\n"
      "| command | |\n|---|---|\n";
  const auto anchor = [](std::string name) {
    for (char& c : name)
      if (c == ' ') c = '-';
    return "#dso-" + name;
  };
  for (const CommandSpec& c : command_table())
    if (!c.hidden) out += std::string("| [`") + c.name + "`](" + anchor(c.name) + ") | " + c.summary + " |\n";
  out += "\n```text\n" + global_options() + "```\n\n| exit code | |\n|---|---|\n";
  for (const ExitCode& e : kExitCodes) out += "| " + std::to_string(e.code) + " | " + e.means + " |\n";
  for (const CommandSpec& c : command_table()) {
    if (c.hidden) continue;
    out += std::string("\n## dso ") + c.name + "\n\n" + c.summary + ".\n\n```text\n" + usage_line(c) + "\n```\n";
    if (*c.details) out += "\n```text\n" + std::string(c.details) + "\n```\n";
    if (c.options.empty()) continue;
    out += "\n| option | |\n|---|---|\n";
    for (const OptionSpec& o : c.options) out += "| `" + flag_of(o) + "` | " + o.help + " |\n";
  }
  out.pop_back();
  return out;
}

std::string reference_man() {
  std::string out =
      ".TH DSO 1 \"\" \"\" \"User Commands\"\n.SH NAME\ndso \\- secrets for plain Docker, changed live\n.SH SYNOPSIS\n.B dso\n"
      "[OPTIONS] COMMAND\n.br\n.B docker dso\n[OPTIONS] COMMAND\n.SH OPTIONS\n.nf\n" +
      roff(global_options()) + ".fi\n.SH COMMANDS\n";
  for (const CommandSpec& c : command_table()) {
    if (c.hidden) continue;
    out += ".SS " + roff(usage_line(c)) + "\n" + roff(c.summary) + ".\n";
    if (*c.details) out += ".PP\n.nf\n" + roff(c.details) + "\n.fi\n";
    for (const OptionSpec& o : c.options) out += ".TP\n.B " + roff(flag_of(o)) + "\n" + roff(o.help) + "\n";
  }
  out += ".SH EXIT STATUS\n";
  for (const ExitCode& e : kExitCodes) out += ".TP\n.B " + std::to_string(e.code) + "\n" + e.means + "\n";
  out +=
      ".SH FILES\n.TP\n.I /etc/dso/dso.yaml\nconfiguration\n.TP\n.I /run/dso\ntmpfs with the delivered secrets, control socket\n";
  out.pop_back();
  return out;
}

}  // namespace dso::cli
