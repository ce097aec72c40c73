// The log: "LEVEL: [Component] message" on stderr, as text or JSON lines, and to whoever follows (the control socket's
// stream). Boost.Log stands behind it, in log.cpp alone. Callers never pass a secret value; see redact.h for foreign text.
#pragma once
#include <functional>
#include <string>
#include <string_view>

namespace dso::log {

enum class Level { debug, info, warn, error };
enum class Format { text, json };

/// Once, at start; until then text at info. Colour only when `color` (the caller knows whether stderr is a terminal).
void configure(Level level, Format format, bool color = false);

/// Any thread. `component` is a contract word: "Watcher", "Debouncer", "Reloader", "Provider", "Agent", "Store", "Delivery".
void write(Level level, std::string_view component, std::string_view message);
inline void debug(std::string_view component, std::string_view message) {
  write(Level::debug, component, message);
}
inline void info(std::string_view component, std::string_view message) {
  write(Level::info, component, message);
}
inline void warn(std::string_view component, std::string_view message) {
  write(Level::warn, component, message);
}
inline void error(std::string_view component, std::string_view message) {
  write(Level::error, component, message);
}

/// Each line as it was written (without a newline), on the writer's thread: must be quick. Returns an id for unfollow.
int follow(std::function<void(const std::string& line)> sink);
void unfollow(int id);

}  // namespace dso::log
