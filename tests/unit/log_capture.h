// What the log said while it lives.
#pragma once
#include <mutex>
#include <string>
#include <vector>

#include "base/log.h"

namespace dso::test {

class LogCapture {
 public:
  LogCapture()
      : id_(log::follow([this](const std::string& line) {
          std::lock_guard lock(mutex_);
          lines_.push_back(line);
        })) {}
  ~LogCapture() { log::unfollow(id_); }
  std::vector<std::string> lines() {
    std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
  int id_;
};

}  // namespace dso::test
