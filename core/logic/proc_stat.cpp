// Counted from the last ')': behind the name there are only numbers and one letter.
#include "logic/proc_stat.h"

#include <charconv>

namespace dso {

std::optional<std::int64_t> parse_start_ticks(std::string_view stat) {
  constexpr int kFieldAfterName = 3, kStart = 22;
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  stat.remove_prefix(name_end + 1);
  for (int field = kFieldAfterName;; ++field) {
    const std::size_t begin = stat.find_first_not_of(' ');
    if (begin == std::string_view::npos) return std::nullopt;
    stat.remove_prefix(begin);
    const std::string_view text = stat.substr(0, stat.find_first_of(" \n"));
    if (field < kStart) {
      stat.remove_prefix(text.size());
      continue;
    }
    std::int64_t ticks = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ticks);
    if (error != std::errc() || end != text.data() + text.size() || ticks < 0) return std::nullopt;
    return ticks;
  }
}

}  // namespace dso
