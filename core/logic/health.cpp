// The rules: an end, a restart or "unhealthy" fails; "healthy", or running long enough without a healthcheck, succeeds.
#include "logic/health.h"

namespace dso {
namespace {

HealthDecision decide(HealthVerdict verdict, std::string cause = {}) {
  return {verdict, std::move(cause), std::nullopt};
}

std::string ended(const std::string& exit_code) {
  return "the container ended" + (exit_code.empty() ? "" : " with exit code " + exit_code);
}

}  // namespace

HealthDecision HealthWatch::on_state(const Container& c, Time now) {
  id_ = c.id;
  if (c.state == "exited" || c.state == "dead" || c.state == "restarting")
    return decide(HealthVerdict::failed, ended(std::to_string(c.exit_code)));
  if (c.state == "removing") return decide(HealthVerdict::gone, "it is being removed");
  if (c.state != "running") return decide(HealthVerdict::wait);  // created, paused: an event will tell
  // A restart policy can hide an end between two looks.
  if (started_at_ms_ != 0 && c.started_at_ms != started_at_ms_)
    return decide(HealthVerdict::failed, "the container ended and was started again");
  started_at_ms_ = c.started_at_ms;
  if (c.health == "healthy") return decide(HealthVerdict::healthy);
  if (c.health == "unhealthy") return decide(HealthVerdict::failed, "its healthcheck says unhealthy");
  if (!c.health.empty()) return decide(HealthVerdict::wait);
  if (!running_since_) running_since_ = now;
  if (now - *running_since_ >= stabilization_) return decide(HealthVerdict::healthy);
  return {HealthVerdict::wait, {}, *running_since_ + stabilization_};
}

HealthDecision HealthWatch::on_event(const EngineEvent& event) const {
  if (event.id != id_) return decide(HealthVerdict::wait);
  if (event.time_ns != 0 && event.time_ns / 1'000'000 < started_at_ms_) return decide(HealthVerdict::wait);
  if (event.action == "destroy") return decide(HealthVerdict::gone, "it was removed");
  if (event.action == "die") {
    const auto code = event.attributes.find("exitCode");
    return decide(HealthVerdict::failed, ended(code == event.attributes.end() ? "" : code->second));
  }
  if (event.action == "health_status: unhealthy") return decide(HealthVerdict::failed, "its healthcheck says unhealthy");
  if (event.action == "start" || event.action == "unpause" || event.action.starts_with("health_status"))
    return decide(HealthVerdict::look);
  return decide(HealthVerdict::wait);
}

}  // namespace dso
