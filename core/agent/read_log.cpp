// Writes what logic/read_trace says.
#include "agent/read_log.h"

#include "base/log.h"
#include "base/metrics.h"

namespace dso {

void ReadLog::count(bool done) {
  metrics::add(metrics::Metric::secret_reads, done ? "done" : "failed");
}

void ReadLog::given(const std::string& who, const SecretKey& key, const std::string& version, Last& last) {
  count(true);
  if (last.any && last.key == key && last.version == version) return;
  last = {key, version, true};
  std::string line;
  {
    const std::lock_guard lock(mutex_);
    line = trace_.read(who, key.instance + "/" + key.name, version);
  }
  if (!line.empty()) log::info("Agent", line);
}

void ReadLog::failed(const std::string& who, const std::string& what, const Error& why) {
  count(false);
  warn(who, "of " + what + " failed: " + why.cause);
}

void ReadLog::refused(const std::string& who, const std::string& what, const Error& why) {
  metrics::add(metrics::Metric::secret_reads, "refused");
  warn(who, "of " + what + " is refused: " + why.cause);
}

void ReadLog::warn(const std::string& who, const std::string& line) {
  std::string told;
  {
    const std::lock_guard lock(mutex_);
    told = trace_.refused(who, line, std::chrono::steady_clock::now());
  }
  if (!told.empty()) log::warn("Agent", told);
}

}  // namespace dso
