// "0::/docker/<id>", "0::/system.slice/docker-<id>.scope", "4:memory:/docker/<id>/inner": the first 64 hex digits of a path.
#include "logic/peer_container.h"

#include <algorithm>

namespace dso {
namespace {

constexpr std::size_t kContainerIdLength = 64;

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/// Of "hierarchy:controllers:path"; the path itself may hold colons.
std::string_view path_of(std::string_view line) {
  for (int i = 0; i < 2; ++i) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return {};
    line.remove_prefix(colon + 1);
  }
  return line;
}

std::string_view first_id(std::string_view path) {
  for (std::size_t at = 0; at < path.size();) {
    if (!is_hex(path[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < path.size() && is_hex(path[end])) ++end;
    if (end - at == kContainerIdLength) return path.substr(at, kContainerIdLength);
    at = end;
  }
  return {};
}

}  // namespace

Result<std::string> container_of_cgroup(std::string_view text) {
  std::string found;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view id = first_id(path_of(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (id.empty()) continue;
    if (!found.empty() && found != id)
      return make_error(ErrorClass::access_denied, "Cannot tell which container asks", "its control groups name several");
    found = id;
  }
  return found;
}

}  // namespace dso
