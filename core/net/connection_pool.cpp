// Takes the newest connection first, so that the others age and go.
#include "net/connection_pool.h"

#include <algorithm>

namespace dso {
namespace {

/// Firewalls and load balancers forget quiet connections without a word; a short life avoids waiting on such a one.
constexpr std::chrono::seconds kMaxIdle{30};

}  // namespace

std::unique_ptr<ByteStream> ConnectionPool::take(const std::string& origin) {
  const auto oldest = Clock::now() - kMaxIdle;
  for (;;) {
    std::unique_ptr<ByteStream> candidate;
    std::vector<Idle> dropped;  // closed outside the lock
    {
      std::lock_guard lock(mutex_);
      auto it = idle_.find(origin);
      if (it == idle_.end()) return nullptr;
      auto& list = it->second;
      const auto fresh = std::find_if(list.begin(), list.end(), [&](const Idle& i) { return i.since >= oldest; });
      std::move(list.begin(), fresh, std::back_inserter(dropped));
      list.erase(list.begin(), fresh);
      if (list.empty()) {
        idle_.erase(it);
        return nullptr;
      }
      candidate = std::move(list.back().stream);
      list.pop_back();
    }
    if (candidate->idle_and_open()) return candidate;
  }
}

void ConnectionPool::give(const std::string& origin, std::unique_ptr<ByteStream> stream) {
  std::lock_guard lock(mutex_);
  auto& list = idle_[origin];
  if (list.size() < max_idle_)
    list.push_back({std::move(stream), Clock::now()});
  else if (list.empty())
    idle_.erase(origin);
}

}  // namespace dso
