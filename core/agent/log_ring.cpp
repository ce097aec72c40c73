// One follower of the log, and a deque.
#include "agent/log_ring.h"

#include "base/log.h"

namespace dso {

LogRing::LogRing(std::size_t lines) : most_(lines), id_(log::follow([this](const std::string& line) { add(line); })) {}

LogRing::~LogRing() {
  log::unfollow(id_);
}

void LogRing::add(const std::string& line) {
  std::lock_guard lock(mutex_);
  lines_.push_back(line);
  if (lines_.size() > most_) {
    lines_.pop_front();
    ++first_;
  }
  arrived_.notify_all();
}

std::vector<LogRing::Line> LogRing::held() const {
  std::lock_guard lock(mutex_);
  std::vector<Line> out;
  for (std::size_t i = 0; i < lines_.size(); ++i) out.push_back({first_ + i, lines_[i]});
  return out;
}

std::uint64_t LogRing::next() const {
  std::lock_guard lock(mutex_);
  return first_ + lines_.size();
}

std::optional<LogRing::Line> LogRing::wait(std::uint64_t number, std::chrono::milliseconds patience, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  const auto there = [&] { return first_ + lines_.size() > number; };
  if (!arrived_.wait_for(lock, stop, patience, there)) return {};
  number = std::max(number, first_);
  return Line{number, lines_[number - first_]};
}

}  // namespace dso
