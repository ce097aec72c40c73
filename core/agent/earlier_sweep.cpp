// Waits until readers have had their time, then sweeps; what fails is tried again by the agent's housekeeping.
#include "agent/earlier_sweep.h"

#include <algorithm>

#include "base/log.h"
#include "delivery/generations.h"

namespace dso {
namespace {
/// Clocks differ by less.
constexpr std::chrono::milliseconds kLater{20};
}  // namespace

EarlierSweep::EarlierSweep(TmpfsStore& store) : store_(store), thread_([this](std::stop_token stop) { work(stop); }) {
  store_.on_switch([this](const std::string& scope_id) {
    const std::lock_guard lock(mutex_);
    due_[scope_id] = std::chrono::steady_clock::now() + delivery::kForReaders + kLater;
    changed_.notify_one();
  });
}

EarlierSweep::~EarlierSweep() {
  store_.on_switch({});
}

void EarlierSweep::work(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const auto next =
        std::min_element(due_.begin(), due_.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    if (next == due_.end()) {
      changed_.wait(lock, stop, [this] { return !due_.empty(); });
      continue;
    }
    const auto [scope_id, due] = *next;
    if (std::chrono::steady_clock::now() < due) {
      changed_.wait_until(lock, stop, due, [] { return false; });
      continue;
    }
    due_.erase(next);
    lock.unlock();
    if (auto swept = store_.sweep_earlier(scope_id); swept.has_error()) log::warn("Agent", render(swept.error()));
    lock.lock();
  }
}

}  // namespace dso
