// Two small files a process.
#include "agent/container_signals.h"

#include <cstdlib>
#include <string>

#include "base/file.h"

namespace dso {
namespace {

constexpr std::size_t kMaxStatusFile = 64 * 1024;

std::optional<ProcessSignals> signals_of_process(std::int64_t pid) {
  const auto text = read_text_file("/proc/" + std::to_string(pid) + "/status", kMaxStatusFile);
  return text.has_value() ? parse_process_signals(*text) : std::nullopt;
}

}  // namespace

ContainerSignals signals_of(const Container& container) {
  const std::string pid = std::to_string(container.pid);
  const auto children = read_text_file("/proc/" + pid + "/task/" + pid + "/children", kMaxStatusFile);
  const std::int64_t child = children.has_value() ? std::strtoll(children->c_str(), nullptr, 10) : 0;
  return {signals_of_process(container.pid), child > 0 ? signals_of_process(child) : std::nullopt};
}

}  // namespace dso
