// `dso logs`: the lines that the running agent still has, or the journal, of one container or secret, and those that come.
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <cstdio>

#include "agent/control_client.h"
#include "agent/which_agent.h"
#include "command.h"
#include "journal.h"
#include "render.h"

namespace dso::cli {
namespace {

/// Which lines: every one that names all that is asked for. The log quotes names.
class Filter {
 public:
  explicit Filter(const CommandContext& ctx) {
    for (const char* option : {"secret", "container"})
      if (ctx.has(option)) wanted_.push_back("'" + ctx.text(option) + "'");
  }
  bool passes(std::string_view line) const {
    return std::all_of(wanted_.begin(), wanted_.end(),
                       [&](const std::string& w) { return line.find(w) != std::string_view::npos; });
  }
  const std::vector<std::string>& wanted() const { return wanted_; }

 private:
  std::vector<std::string> wanted_;
};

/// "LEVEL: [Component] message" as an object; a line of an agent that logs JSON is one already.
std::string as_json(const std::string& line) {
  const auto level = line.find(": ["), component = line.find("] ", level);
  if (line.starts_with('{') || level == std::string_view::npos || component == std::string_view::npos) return line;
  return boost::json::serialize(boost::json::object{{"level", line.substr(0, level)},
                                                    {"component", line.substr(level + 3, component - level - 3)},
                                                    {"message", line.substr(component + 2)}});
}

/// One line, as text or JSON. False: nobody reads on.
bool show(const CommandContext& ctx, const std::string& line) {
  return print(ctx.globals.json() ? as_json(line) : line);
}

bool show_last(const CommandContext& ctx, const std::vector<std::string>& lines, const Filter& filter, std::size_t tail) {
  std::vector<const std::string*> passed;
  for (const std::string& line : lines)
    if (filter.passes(line)) passed.push_back(&line);
  for (std::size_t i = passed.size() > tail ? passed.size() - tail : 0; i < passed.size(); ++i)
    if (!show(ctx, *passed[i])) return false;
  return true;
}

CommandResult show_journal(CommandContext& ctx, const JournalLines& journal, const Filter& filter, std::size_t tail) {
  if (ctx.has("follow") && ctx.globals.json())
    return make_error(ErrorClass::usage, "--follow of the journal goes without --format json", "journalctl shows it",
                      "Ask it: journalctl -u dso-agent -o json -f.");
  if (!show_last(ctx, journal.lines, filter, tail) || !ctx.has("follow")) return 0;
  std::fflush(stdout);
  return follow_journal(journal.cursor, filter.wanted());
}

Result<std::size_t> tail_of(const CommandContext& ctx) {
  const std::string text = ctx.text("tail", "all");
  std::size_t n = 0;
  if (text == "all") return std::string::npos;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (ec == std::errc() && end == text.data() + text.size()) return n;
  return make_error(ErrorClass::usage, "--tail '" + text + "' is no number of lines", "it takes a number or 'all'");
}

}  // namespace

CommandResult cmd_logs(CommandContext& ctx) {
  const std::string socket = agent_socket(ctx.paths);
  DSO_TRY(const std::size_t tail, tail_of(ctx));
  const Filter filter(ctx);
  if (ctx.has("journal") && !journal_here())
    return make_error(ErrorClass::unavailable, "Cannot read the journal", "systemd does not run here, or there is no journalctl");
  const bool the_hosts_own = socket == "/run/dso/dso.sock";  // what the unit starts
  if (ctx.has("journal")) {
    DSO_TRY(const JournalLines journal, journal_lines());
    return show_journal(ctx, journal, filter, tail);
  }
  if (!agent_runs(socket)) {
    const auto journal = the_hosts_own && journal_here() ? journal_lines() : Result<JournalLines>(Error{});
    if (journal.has_value()) {
      note(ctx.globals, "No agent answers at " + socket + ": this is from the journal.");
      return show_journal(ctx, *journal, filter, tail);
    }
    return make_error(ErrorClass::unavailable, "Cannot read the agent's log", "no agent answers at " + vain_socket(ctx.paths),
                      "Start one: dso agent. Where systemd runs the host, its journal is read instead, by who may.");
  }
  DSO_TRY(AgentLog log, agent_log(socket, ctx.stop));
  if (!show_last(ctx, log.lines, filter, tail) || !ctx.has("follow")) return 0;
  std::string rest;
  auto followed = follow_agent_log(
      socket, log.next,
      [&](std::string_view piece) {
        rest += piece;
        for (auto end = rest.find('\n'); end != std::string::npos; end = rest.find('\n')) {
          if (const std::string line = rest.substr(0, end); filter.passes(line)) show(ctx, line);
          rest.erase(0, end + 1);
        }
      },
      ctx.stop);
  if (followed.has_error() && !ctx.stop.stop_requested()) return followed.error();
  return ctx.stop.stop_requested() ? 130 : 0;
}

}  // namespace dso::cli
