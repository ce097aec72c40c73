// One thread that listens to a store's events and says so to the watcher: they only make a poll come sooner, so whatever goes
// wrong here is one line at level debug and another try later.
#pragma once
#include <functional>
#include <string>
#include <thread>

#include "model/events.h"

namespace dso {

class EventListener {
 public:
  /// References must outlive this object. `changed` is called on this object's thread.
  EventListener(std::string instance, Events& events, std::function<void()> changed);
  EventListener(const EventListener&) = delete;

 private:
  void run(std::stop_token stop);

  const std::string instance_;
  Events& events_;
  const std::function<void()> changed_;
  std::jthread thread_;
};

}  // namespace dso
