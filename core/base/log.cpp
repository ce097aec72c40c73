// The one place with Boost.Log: one synchronous sink on stderr, our own formatting, and the followers.
#include "base/log.h"

#include <unistd.h>
#include <atomic>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/log/attributes/attribute_value_impl.hpp>
#include <boost/log/attributes/value_extraction.hpp>
#include <boost/log/core.hpp>
#include <boost/log/keywords/severity.hpp>
#include <boost/log/sinks/basic_sink_backend.hpp>
#include <boost/log/sinks/sync_frontend.hpp>
#include <boost/log/sources/severity_logger.hpp>
#include <chrono>
#include <ctime>
#include <iostream>
#include <map>
#include <mutex>

#include "base/plain_text.h"

// Boost.Log's own, which shows thread ids with it: from there it comes with 42 KB of dumps of memory in three instruction sets,
// which nothing here asks for. (Were it taken from there all the same, the link would fail: two definitions.)
namespace boost::log {
inline namespace BOOST_LOG_VERSION_NAMESPACE {
namespace aux {
extern const char g_hex_char_table[2][16];
const char g_hex_char_table[2][16] = {{'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'},
                                      {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'}};
}  // namespace aux
}  // namespace BOOST_LOG_VERSION_NAMESPACE
}  // namespace boost::log

namespace dso::log {
namespace {

namespace bl = boost::log;

std::string_view level_name(Level level) {
  switch (level) {
    case Level::debug: return "DEBUG";
    case Level::info: return "INFO";
    case Level::warn: return "WARN";
    case Level::error: return "ERROR";
  }
  return "INFO";
}

struct Settings {
  std::atomic<Level> level{Level::info};
  std::atomic<Format> format{Format::text};
  std::atomic<bool> color{false};
};
Settings& settings() {
  static Settings s;
  return s;
}

struct Followers {
  std::mutex mutex;
  std::map<int, std::function<void(const std::string&)>> sinks;
  int next = 1;
};
Followers& followers() {
  static auto* const f = new Followers;
  return *f;
}

std::string timestamp() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                utc.tm_hour, utc.tm_min, utc.tm_sec, static_cast<int>(ms));
  return text;
}

std::string text_line(Level level, std::string_view component, std::string_view message) {
  std::string line(level_name(level));
  line += ": [";
  line += component;
  line += "] ";
  append_plain(line, message, " ", " ");  // one event, one line
  return line;
}

std::string json_line(Level level, std::string_view component, std::string_view message) {
  return boost::json::serialize(
      boost::json::value{{"time", timestamp()}, {"level", level_name(level)}, {"component", component}, {"message", message}});
}

constexpr const char* kLine = "Line";

/// One write(2) a line: lines of several threads and of the provider hosts do not mix, and nothing waits in a buffer. The line
/// comes as an attribute: the library's stream for messages, its conversions and errors made the binary 200 KB larger.
struct StderrBackend : bl::sinks::basic_sink_backend<bl::sinks::synchronized_feeding> {
  void consume(const bl::record_view& record) {
    const auto line = bl::extract<std::string>(kLine, record);
    if (!line) return;
    const std::string whole = line.get() + "\n";
    std::string_view rest = whole;
    while (!rest.empty()) {
      const ssize_t n = ::write(STDERR_FILENO, rest.data(), rest.size());
      if (n <= 0) return;
      rest.remove_prefix(static_cast<std::size_t>(n));
    }
  }
};

bl::sources::severity_logger_mt<Level>& logger() {
  static bl::sources::severity_logger_mt<Level> instance;
  static std::once_flag once;
  std::call_once(once, [] { bl::core::get()->add_sink(boost::make_shared<bl::sinks::synchronous_sink<StderrBackend>>()); });
  return instance;
}

}  // namespace

void configure(Level level, Format format, bool color) {
  settings().level = level;
  settings().format = format;
  settings().color = color;
}

void write(Level level, std::string_view component, std::string_view message) {
  if (level < settings().level.load()) return;
  std::string line =
      settings().format == Format::json ? json_line(level, component, message) : text_line(level, component, message);
  {
    std::lock_guard lock(followers().mutex);
    for (auto& [id, sink] : followers().sinks) sink(line);
  }
  if (settings().color && settings().format == Format::text && level >= Level::warn)
    line = (level == Level::error ? "\033[31m" : "\033[33m") + line + "\033[0m";
  if (bl::record record = logger().open_record(bl::keywords::severity = level)) {
    record.attribute_values().insert(kLine, bl::attributes::make_attribute_value(std::move(line)));
    logger().push_record(boost::move(record));
  }
}

int follow(std::function<void(const std::string&)> sink) {
  std::lock_guard lock(followers().mutex);
  const int id = followers().next++;
  followers().sinks.emplace(id, std::move(sink));
  return id;
}

void unfollow(int id) {
  std::lock_guard lock(followers().mutex);
  followers().sinks.erase(id);
}

}  // namespace dso::log
