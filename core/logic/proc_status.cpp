// Lines "SigCgt:\t0000000180014a07"; the name comes first and is the process's own to choose.
#include "logic/proc_status.h"

#include <charconv>

#include "logic/text.h"

namespace dso {
namespace {

std::optional<std::string_view> line_of(std::string_view status, std::string_view key) {
  for (std::size_t at = 0; at < status.size();) {
    const std::size_t end = std::min(status.find('\n', at), status.size());
    const std::string_view line = status.substr(at, end - at);
    if (line.starts_with(key)) return trim(line.substr(key.size()));
    at = end + 1;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> mask_of(std::string_view status, std::string_view key) {
  const auto text = line_of(status, key);
  std::uint64_t mask = 0;
  if (!text || text->empty()) return std::nullopt;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), mask, 16);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return mask;
}

template <class T>
T number_of(std::string_view status, std::string_view key) {
  const std::string_view text = line_of(status, key).value_or(std::string_view());
  T number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : 0;
}

}  // namespace

std::optional<ProcessSignals> parse_process_signals(std::string_view status) {
  const auto name = line_of(status, "Name:");
  const auto caught = mask_of(status, "SigCgt:"), ignored = mask_of(status, "SigIgn:"), blocked = mask_of(status, "SigBlk:");
  if (!name || !caught || !ignored || !blocked) return std::nullopt;
  return ProcessSignals{std::string(*name), *caught, *ignored, *blocked};
}

int parse_pid_depth(std::string_view status) {
  std::string_view pids = line_of(status, "NSpid:").value_or(std::string_view());
  int depth = 0;
  while (!pids.empty()) {
    ++depth;
    pids = trim(pids.substr(std::min(pids.find_first_of("\t "), pids.size())));
  }
  return depth;
}

std::int64_t parse_parent(std::string_view status) {
  return number_of<std::int64_t>(status, "PPid:");
}

int parse_threads(std::string_view status) {
  return number_of<int>(status, "Threads:");
}

}  // namespace dso
