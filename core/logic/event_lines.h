// Cuts the engine's event stream into its lines. An event carries all labels of its container, so one can be of any length: it is
// passed over, and the next one is read. Pure.
#pragma once
#include <functional>
#include <string>
#include <string_view>

namespace dso {

class EventLines {
 public:
  /// `line` gets each whole line that is not empty; false ends it. `too_long` gets the beginning of a line that is passed over.
  EventLines(std::function<bool(std::string_view)> line, std::function<void(std::string_view)> too_long)
      : on_line_(std::move(line)), too_long_(std::move(too_long)) {}

  /// The next piece, cut anywhere. False: `line` said so.
  bool feed(std::string_view piece);

  /// One event is some hundred bytes; labels can make it some KB.
  static constexpr std::size_t kMaxLine = 1024 * 1024;

 private:
  const std::function<bool(std::string_view)> on_line_;
  const std::function<void(std::string_view)> too_long_;
  std::string line_;
  bool passing_over_ = false;
};

}  // namespace dso
