// "0::/docker/<id>", "0::/system.slice/docker-<id>.scope", "4:memory:/docker/<id>/inner".
#include "logic/cgroup_text.h"

#include <algorithm>

namespace dso {
namespace {

constexpr std::size_t kContainerIdLength = 64;

struct CgroupLine {
  std::string_view hierarchy;  ///< "4:memory"; "0:" is version 2.
  std::string_view path;       ///< May hold colons.
};

std::vector<CgroupLine> cgroup_lines(std::string_view text) {
  std::vector<CgroupLine> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second != std::string_view::npos) out.push_back({line.substr(0, second), line.substr(second + 1)});
  }
  return out;
}

bool is_id_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/// Calls `found(offset)` for each run of 64 digits until it returns true.
template <class Found>
void each_container_id(std::string_view path, const Found& found) {
  for (std::size_t at = 0; at < path.size();) {
    std::size_t end = at;
    while (end < path.size() && is_id_digit(path[end])) ++end;
    if (end - at == kContainerIdLength && found(at)) return;
    at = end + 1;
  }
}

/// The path up to the end of the outermost part that carries the id; all of it where none does.
std::string_view own_group(std::string_view path, std::string_view id, bool& carries) {
  std::size_t length = path.size();
  each_container_id(path, [&](std::size_t at) {
    if (path.substr(at, kContainerIdLength) != id) return false;
    carries = true;
    length = std::min(path.find('/', at), path.size());
    return true;
  });
  return path.substr(0, length);
}

/// The kernel writes "/.." for each step above the root of the reader's own cgroup namespace: that leads up, not below.
bool at_or_below(std::string_view path, std::string_view group) {
  if (group.ends_with('/')) group.remove_suffix(1);
  if (!path.starts_with(group)) return false;
  const std::string_view rest = path.substr(group.size());
  return rest.empty() || (rest.starts_with('/') && rest != "/.." && !rest.starts_with("/../"));
}

}  // namespace

std::vector<std::string> ids_in_text(std::string_view text) {
  std::vector<std::string> out;
  each_container_id(text, [&](std::size_t at) {
    const std::string_view id = text.substr(at, kContainerIdLength);
    if (std::find(out.begin(), out.end(), id) == out.end()) out.emplace_back(id);
    return false;
  });
  return out;
}

std::vector<std::string> container_ids_in(std::string_view cgroup) {
  std::vector<std::string> out;
  for (const CgroupLine& line : cgroup_lines(cgroup))
    for (std::string& id : ids_in_text(line.path))
      if (std::find(out.begin(), out.end(), id) == out.end()) out.push_back(std::move(id));
  return out;
}

bool in_group_of(std::string_view peer, std::string_view init, std::string_view id) {
  const auto peers = cgroup_lines(peer), inits = cgroup_lines(init);
  bool carries = false;
  for (const CgroupLine& own : inits) {
    const auto same = [&](const CgroupLine& line) { return line.hierarchy == own.hierarchy; };
    const auto of_peer = std::find_if(peers.begin(), peers.end(), same);
    if (of_peer == peers.end() || !at_or_below(of_peer->path, own_group(own.path, id, carries))) return false;
  }
  return carries && peers.size() == inits.size();
}

}  // namespace dso
