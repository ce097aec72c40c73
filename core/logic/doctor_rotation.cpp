// Why a rotation would fail, wait, or lose requests: the choice is that of `dso plan`.
#include "logic/doctor_containers.h"
#include "logic/doctor_row.h"
#include "logic/duration.h"
#include "logic/rotation_flow.h"
#include "logic/volume_options.h"

namespace dso {
namespace {

using enum DoctorLevel;
using std::chrono::milliseconds;

/// Refusals are "why; what to do".
void strategy_row(DoctorRows& rows, const Container& c, const StrategyChoice& choice) {
  constexpr const char* kCheck = "container.strategy";
  if (choice.refusal.empty()) return add_row(rows, ok, kCheck, c.name, strategy_text(choice) + " (" + choice.reason + ")");
  const std::size_t cut = choice.refusal.find("; ");
  add_row(rows, error, kCheck, c.name, strategy_text(choice) + " (" + choice.reason + "): " + choice.refusal.substr(0, cut),
          cut == std::string::npos ? "Set the label dso.strategy to one of them." : sentence(choice.refusal.substr(cut + 2)));
}

void health_rows(DoctorRows& rows, const ContainerFacts& f, const StrategyChoice& choice) {
  const Container& c = f.container;
  if (!c.healthcheck.defined())
    return add_row(rows, warn, "container.healthcheck", c.name, "none: running for 3s counts as healthy, whatever it answers",
                   "Give it one: `healthcheck:` of its compose service, or HEALTHCHECK of its image.");
  const Healthcheck& h = c.healthcheck;
  const milliseconds limit = choice.health_check_timeout,
                     first = h.start_interval.count() > 0 ? std::min(h.start_interval, h.interval) : h.interval;
  add_row(rows, ok, "container.healthcheck", c.name, "every " + format_duration(h.interval));
  const std::string against = ", health_check_timeout is " + format_duration(limit);
  const std::string raise = "Raise agent.rotation.health_check_timeout";
  // A rolling update runs the healthcheck itself in between; a restart waits for the engine's own.
  if (choice.type == Strategy::restart && first >= limit)
    add_row(rows, error, "container.health_interval", c.name,
            "the engine probes it for the first time after " + format_duration(first) + against,
            raise + ", or lower the healthcheck's interval (start_interval from engine 25 on).");
  else if (h.start_period > limit)
    add_row(rows, warn, "container.health_interval", c.name, "its start_period is " + format_duration(h.start_period) + against,
            raise + ": what takes that long to start is rolled back.");
  else
    add_row(rows, ok, "container.health_interval", c.name, "its start_period is " + format_duration(h.start_period) + against);

  if (f.first_healthy_ms <= c.started_at_ms)
    return add_row(rows, info, "container.start_time", c.name, "not known any more: the engine keeps five probes");
  const milliseconds took(f.first_healthy_ms - c.started_at_ms);
  // what the engine saw is up to an interval late
  const std::string found = "healthy within " + format_duration(took) + " of its start" + against;
  if (took - h.interval > limit)
    add_row(rows, error, "container.start_time", c.name, found, raise + " above that, or have it start faster.");
  else
    add_row(rows, ok, "container.start_time", c.name, found);
}

void port_row(DoctorRows& rows, const Container& c, const StrategyChoice& choice) {
  constexpr const char* kCheck = "container.ports";
  if (!c.publishes) return;
  const bool could_roll = rolling_obstacle(c).empty() && replace_loss(c).what.empty();
  if (choice.type == Strategy::restart)
    add_row(rows, could_roll ? warn : info, kCheck, c.name, "its published ports do not answer while it restarts",
            could_roll ? "The strategy auto loses no request, where nothing else is lost by that." : "");
  else if (choice.flow == Flow::exclusive)
    add_row(rows, info, kCheck, c.name, "its published ports do not answer while old and new change places");
  else
    add_row(rows, ok, kCheck, c.name, choice.flow_reason);
}

void data_row(DoctorRows& rows, const Container& c, const StrategyChoice& choice) {
  if (choice.type != Strategy::rolling || !has_data(c)) return;
  if (choice.flow == Flow::exclusive)
    add_row(rows, ok, "container.exclusive", c.name, choice.flow_reason);
  else
    add_row(rows, info, "container.exclusive", c.name,
            "old and new write to " + data_text(c) + " for a while (label dso.exclusive=false)");
}

void address_row(DoctorRows& rows, const Container& c, const StrategyChoice& choice) {
  if (choice.type != Strategy::rolling || choice.flow != Flow::swap || c.endpoints.empty()) return;
  add_row(rows, info, "container.address", c.name,
          "each update changes its address: who has looked its name up once keeps the old one",
          "Have clients look it up again, or set the label dso.address=keep.");
}

}  // namespace

std::optional<StrategyChoice> strategy_of(const Config& config, const ContainerFacts& f) {
  if (!f.container.opted_in()) return std::nullopt;
  Scope scope;
  scope.items = f.wanted;
  if (!f.delivered.empty()) scope = f.delivered[0].scope;
  if (scope.items.empty()) return std::nullopt;
  std::vector<SecretKey> all;
  for (const DeliveryItem& item : scope.items) all.push_back(item.secret);
  StrategyChoice choice = choose_strategy(config, scope, all, f.container);
  if (is_volume_scope(scope.id)) keep_in_place(choice);
  return choice;
}

DoctorRows doctor_rotation(const Config& config, const ContainerFacts& f) {
  DoctorRows rows;
  const auto choice = strategy_of(config, f);
  if (!choice) return rows;
  strategy_row(rows, f.container, *choice);
  if (!choice->refusal.empty() || (choice->type != Strategy::rolling && choice->type != Strategy::restart)) return rows;
  health_rows(rows, f, *choice);
  port_row(rows, f.container, *choice);
  data_row(rows, f.container, *choice);
  address_row(rows, f.container, *choice);
  return rows;
}

}  // namespace dso
