// What is logged of the reads through the sockets: the first of each container, secret and version, and each refusal, but not the
// same again and again. A value, it is told the time; it sees names only, never a value.
#pragma once
#include <chrono>
#include <deque>
#include <map>
#include <set>
#include <string>

namespace dso {

class ReadTrace {
 public:
  ReadTrace() = default;
  ReadTrace(const ReadTrace&) = delete;
  ReadTrace& operator=(const ReadTrace&) = delete;
  using Time = std::chrono::steady_clock::time_point;

  /// The line to log, "" for one that was told already. `who`: "the container 'web' (3f2a9c0d1e2f)"; `secret`:
  /// "default/myapp/db".
  std::string read(const std::string& who, const std::string& secret, const std::string& version);

  /// The same for a read that was refused or failed; `what`: "is refused: …", "failed: …". The same line for the same reader
  /// comes once a minute, with how many there were meanwhile; and of all no more than `kRefusalsAMinute`: of the rest it is told
  /// once that there are more.
  std::string refused(const std::string& who, const std::string& what, Time now);

  static constexpr std::size_t kRefusalsAMinute = 30;

 private:
  struct Told {
    Time when;
    std::size_t more = 0;  ///< Not told since.
  };
  std::set<std::string> reads_;
  std::deque<std::set<std::string>::const_iterator> oldest_first_;
  std::map<std::string, Told> refusals_;
  Time minute_{};  ///< When the present minute began, and what was told in it.
  std::size_t told_ = 0, untold_ = 0;
};

}  // namespace dso
