// Listen, wait, again; how long to wait is logic/poll_schedule's.
#include "agent/event_listener.h"

#include <condition_variable>
#include <mutex>
#include <random>

#include "base/log.h"
#include "base/memory_refused.h"
#include "logic/poll_schedule.h"

namespace dso {

EventListener::EventListener(std::string instance, Events& events, std::function<void()> changed)
    : instance_(std::move(instance)), events_(events), changed_(std::move(changed)) {
  thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
}

void EventListener::run(std::stop_token stop) {
  std::minstd_rand random{std::random_device{}()};
  std::mutex mutex;
  std::condition_variable_any never;
  bool told = false;
  for (int failures = 0; !stop.stop_requested(); ++failures) {
    bool heard = false;
    Error ended = make_error(ErrorClass::unavailable, {}, "there was no memory");
    unless_memory_is_refused("Watcher", "Listening to '" + instance_ + "'", [&] {
      ended = events_.listen(
          [&] {
            heard = true;
            changed_();
          },
          stop);
    });
    if (stop.stop_requested() || ended.cls == ErrorClass::unsupported) return;
    if (heard) failures = 0;
    if (heard || !std::exchange(told, true))
      log::debug("Watcher", "No events from provider '" + instance_ + "', it is polled alone: " + render(ended));
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, listen_pause(failures, std::uniform_real_distribution<double>(0, 1)(random)),
                   [] { return false; });
  }
}

}  // namespace dso
