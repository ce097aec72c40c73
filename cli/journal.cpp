// journalctl does the work; a cursor joins what was shown to what comes, so that no line is lost or shown twice.
#include "journal.h"

#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "docker/run_tool.h"

namespace dso::cli {
namespace {

constexpr std::string_view kCursor = "-- cursor: ";
constexpr std::chrono::seconds kDeadline{30};

std::vector<std::string> arguments(std::initializer_list<const char*> more) {
  std::vector<std::string> out{"--unit", "dso-agent.service", "--output", "cat", "--no-pager"};
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

}  // namespace

bool journal_here() {
  return access("/run/systemd/system", F_OK) == 0 && !find_tool("journalctl").empty();
}

Result<JournalLines> journal_lines() {
  const std::string what = "Cannot read the journal of dso-agent";
  DSO_TRY(const std::string text,
          run_tool_well(find_tool("journalctl"), arguments({"--quiet", "--lines", "100000", "--show-cursor"}), {},
                        Deadline::in(kDeadline), what));
  JournalLines out;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.starts_with(kCursor))
      out.cursor = line.substr(kCursor.size());
    else
      out.lines.emplace_back(line);
  }
  return out;
}

Error follow_journal(const std::string& cursor, const std::vector<std::string>& wanted) {
  std::vector<std::string> all = arguments({"--follow"});
  all.insert(all.end(), cursor.empty() ? std::initializer_list<std::string>{"--lines", "0"}
                                       : std::initializer_list<std::string>{"--after-cursor", cursor});
  std::string pattern;
  for (const std::string& name : wanted) pattern += R"((?=.*\Q)" + name + R"(\E))";
  if (!pattern.empty()) all.insert(all.end(), {"--grep", pattern, "--case-sensitive=yes"});
  const std::string path = find_tool("journalctl");
  std::vector<char*> argv{const_cast<char*>("journalctl")};
  for (std::string& argument : all) argv.push_back(argument.data());
  argv.push_back(nullptr);
  execv(path.c_str(), argv.data());
  return io_error("Cannot run '" + path + "'", errno);
}

}  // namespace dso::cli
