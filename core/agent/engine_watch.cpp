// One connection for events, made anew with a growing wait when it ends.
#include "agent/engine_watch.h"

#include <algorithm>

#include "agent/volume_users.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/pause.h"
#include "logic/backoff.h"
#include "logic/delivered_elsewhere.h"
#include "logic/foreign_entrypoint.h"
#include "logic/label_slips.h"
#include "logic/missing_delivery.h"
#include "logic/mounted_scopes.h"
#include "logic/own_labels.h"

namespace dso {

EngineWatch::EngineWatch(const Engine& engine, const TmpfsStore& store, AskedEnds& asked_ends, Calls calls)
    : engine_(engine), store_(store), asked_ends_(asked_ends), calls_(std::move(calls)), thread_([this](std::stop_token stop) {
        run(stop);
      }) {}

void EngineWatch::run(std::stop_token stop) {
  int attempts = 0;
  while (!stop.stop_requested()) {
    if (attempts > 0 && engine_.version(Deadline::in(std::chrono::seconds(5)), stop).has_value()) {
      attempts = 0;
      calls_.reconnected();
    }
    asked_ends_.listens(boot_ms());
    const std::int64_t since_ms = unix_ms();
    calls_.listens();
    const auto ended = engine_.events(
        {{"type", {"container"}},
         {"event", {"create", "start", "die", "kill", "pause", "unpause", "rename", "destroy", "health_status"}}},
        [this](const EngineEvent& event) {
          pass_on(event);
          return true;
        },
        stop, since_ms * 1'000'000);
    if (ended.has_value() || stop.stop_requested()) return;
    pause_for(backoff_exponential(attempts++, std::chrono::milliseconds(500), std::chrono::seconds(10)), stop);
  }
}

void EngineWatch::pass_on(const EngineEvent& event) {
  const bool sick = event.action == "health_status: unhealthy";
  if (event.action == "kill")  // by the time when it happened: it may be heard of late
    asked_ends_.asked(event.id, boot_ms() - std::max<std::int64_t>(0, unix_ms() - event.time_ns / 1'000'000));
  if (event.action != "kill" && !event.action.starts_with("health_status")) calls_.happened(event.id);
  if (event.action == "start") started(event);
  if (event.action == "unpause") calls_.runs_again(event.id);
  if (event.action == "die" || sick) calls_.suffers(event.id);
}

/// The event's labels are merged with the image's: they say no more than that the container is worth a look.
void EngineWatch::started(const EngineEvent& event) {
  const auto acted_on = [](const auto& attribute) { return is_acted_on(attribute.first); };
  if (std::none_of(event.attributes.begin(), event.attributes.end(), acted_on)) return;
  const auto c = engine_.inspect(event.id, Deadline::in(std::chrono::seconds(10)));
  if (c.has_error() || !delivered_elsewhere(*c, store_.paths().run_dir).empty()) return;
  for (const LabelSlip& slip : label_slips(c->labels)) log::warn("Agent", "Container '" + c->name + "': " + slip_text(slip));
  if (!mounted_scopes(*c, store_.paths().secrets_dir()).empty()) return tell_of_entrypoint(*c);
  const std::string problem = missing_delivery(*c, store_.known_scopes());
  if (!problem.empty() && volumes_of_container(store_, *c).empty()) log::warn("Agent", problem);
  if (const std::string ignored = labels_that_do_not_count(*c); !ignored.empty())
    log::warn("Agent", "Container '" + c->name + "': " + ignored + ". " + label_cure(*c));
}

void EngineWatch::tell_of_entrypoint(const Container& c) {
  if (!c.labels.contains(label::kEntrypoint)) return;
  const auto image = engine_.inspect_image(c.image_id, Deadline::in(std::chrono::seconds(10)));
  if (image.has_error()) return;
  const std::string problem = entrypoint_problem(c, *image);
  if (!problem.empty() && said_.first(c.id)) log::error("Agent", problem);
}

}  // namespace dso
