// One connection for events, made anew with a growing wait when it ends.
#include "agent/engine_watch.h"

#include "agent/volume_users.h"
#include "base/log.h"
#include "base/pause.h"
#include "logic/backoff.h"
#include "logic/missing_delivery.h"

namespace dso {
EngineWatch::EngineWatch(const Engine& engine, const TmpfsStore& store, std::function<void()> reconnected)
    : engine_(engine),
      store_(store),
      reconnected_(std::move(reconnected)),
      thread_([this](std::stop_token stop) { run(stop); }) {}

void EngineWatch::run(std::stop_token stop) {
  int attempts = 0;
  while (!stop.stop_requested()) {
    if (attempts > 0 && engine_.version(Deadline::in(std::chrono::seconds(5)), stop).has_value()) {
      attempts = 0;
      reconnected_();
    }
    const auto ended = engine_.events(
        {{"type", {"container"}}, {"event", {"start"}}},
        [this](const EngineEvent& event) {
          started(event);
          return true;
        },
        stop);
    if (ended.has_value() || stop.stop_requested()) return;
    pause_for(backoff_exponential(attempts++, std::chrono::milliseconds(500), std::chrono::seconds(10)), stop);
  }
}

bool EngineWatch::mounts_a_volume(const std::string& container) const {
  const auto inspect = engine_.inspect_text(container, Deadline::in(std::chrono::seconds(10)));
  return inspect.has_value() && !volumes_of_container(store_, view(*inspect)).empty();
}

void EngineWatch::started(const EngineEvent& event) {
  // Only a service of Compose can be one that we know by its name; the list of all scopes is not made for any other start.
  const bool maybe_known = event.attributes.contains(label::kComposeService) && !event.attributes.contains(label::kScope);
  const std::string problem = missing_delivery(event.attributes, maybe_known ? store_.known_scopes() : std::vector<Scope>{});
  if (!problem.empty() && !mounts_a_volume(event.id)) log::warn("Agent", problem);
}

}  // namespace dso
