// The trace of reads through the sockets: lines of the log by logic/read_trace, and the counter dso_secret_reads_total. Names,
// never a value, nor what a client sends as a name: that may be anything.
#pragma once
#include <mutex>
#include <string>

#include "base/error.h"
#include "logic/read_trace.h"
#include "model/secret.h"

namespace dso {

/// Thread-safe. `who` as "the container 'web' (3f2a9c0d1e2f)".
class ReadLog {
 public:
  /// What a connection was given last: to tell that again takes no lock of ours.
  struct Last {
    SecretKey key;
    std::string version;
    bool any = false;
  };
  /// `who` is given this version, which it may have been given before.
  void given(const std::string& who, const SecretKey& key, const std::string& version, Last& last);
  /// A read that has its line elsewhere: by the engine, for a task.
  static void count(bool done);
  /// It may have it, and it could not be had.
  void failed(const std::string& who, const std::string& what, const Error& why);
  /// It may not. `what`: "the secret 'default/myapp/db'", "to steer the agent".
  void refused(const std::string& who, const std::string& what, const Error& why);

 private:
  void warn(const std::string& who, const std::string& line);

  std::mutex mutex_;
  ReadTrace trace_;
};

}  // namespace dso
