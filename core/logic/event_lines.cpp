// A line in memory at a time, and no more of it than is allowed.
#include "logic/event_lines.h"

namespace dso {
namespace {

constexpr std::size_t kLineHead = 512;

}  // namespace

bool EventLines::feed(std::string_view piece) {
  while (!piece.empty()) {
    const std::size_t end = piece.find('\n');
    if (!passing_over_) line_ += piece.substr(0, std::min(end, kMaxLine + 1));
    if (line_.size() > kMaxLine) {
      too_long_(std::string_view(line_).substr(0, kLineHead));
      line_ = {};
      passing_over_ = true;
    }
    piece.remove_prefix(end == std::string_view::npos ? piece.size() : end + 1);
    if (end == std::string_view::npos) break;
    const bool whole = !passing_over_ && !line_.empty() && line_ != "\r";
    if (whole && !on_line_(line_)) return false;
    line_.clear();
    passing_over_ = false;
  }
  return true;
}

}  // namespace dso
