// "36 35 0:45 /web/files-0123 /run/secrets ro,nosuid shared:1 - tmpfs dso-secrets rw": id, parent, device, path within the file
// system, place, options, "-", type, source. Spaces in paths are \040; a scope and its folders have none.
#include "logic/mountinfo_text.h"

#include <algorithm>
#include <string>

namespace dso {
namespace {

std::string_view next_field(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view field = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return field;
}

/// "/web/files-0123" and "/dso/secrets/web/env//deleted" are folders of "web".
bool is_folder_of(std::string_view path, std::string_view scope_id) {
  constexpr std::string_view kDeleted = "//deleted";
  if (path.ends_with(kDeleted)) path.remove_suffix(kDeleted.size());
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view above = path.substr(0, slash);
  return above.size() > scope_id.size() && above.ends_with(scope_id) && above[above.size() - scope_id.size() - 1] == '/';
}

std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

/// As the kernel writes a path there.
std::string escaped(std::string_view path) {
  std::string out;
  for (const char c : path) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\\')
      out += c == ' ' ? "\\040" : c == '\t' ? "\\011" : c == '\n' ? "\\012" : "\\134";
    else
      out += c;
  }
  return out;
}

}  // namespace

ScopeMountSeen scope_mount_seen(std::string_view mountinfo, std::string_view scope_id, std::string_view device) {
  auto seen = ScopeMountSeen::none;
  while (!mountinfo.empty() && seen != ScopeMountSeen::present) {
    std::string_view line = next_line(mountinfo);
    next_field(line), next_field(line);
    const std::string_view of = next_field(line), path = next_field(line);
    if (!is_folder_of(path, scope_id)) continue;
    seen = of == device ? ScopeMountSeen::present : ScopeMountSeen::gone;
  }
  return seen;
}

bool is_covered(std::string_view mountinfo, std::string_view point, std::string_view source) {
  const std::string wanted = escaped(point);
  bool below = false, covered = false;
  while (!mountinfo.empty()) {
    std::string_view line = next_line(mountinfo);
    std::string_view fields[5];
    for (std::string_view& f : fields) f = next_field(line);
    if (fields[4] != wanted) continue;
    while (!line.empty() && next_field(line) != "-") {
    }
    next_field(line);
    const bool ours = next_field(line) == source;
    covered = below && !ours;
    below = below || ours;
  }
  return covered;
}

}  // namespace dso
