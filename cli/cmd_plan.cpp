// `dso plan`: what the agent would do with the secrets as the stores have them now, step by step, and why.
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "agent/load_config.h"
#include "agent/preview.h"
#include "command.h"
#include "docker/engine.h"
#include "logic/own_labels.h"
#include "render.h"
#include "swarm_output.h"

namespace dso::cli {
namespace {

boost::json::array names_of(const std::vector<SecretKey>& keys) {
  boost::json::array out;
  for (const SecretKey& k : keys) out.emplace_back(k.instance + "/" + k.name);
  return out;
}

boost::json::value as_json(const ScopePreview& p) {
  boost::json::array plans;
  for (const ContainerPlan& plan : p.plans) {
    boost::json::array steps;
    for (const PlannedStep& step : plan.steps) steps.push_back({{"step", step.what}, {"reason", step.reason}});
    plans.push_back({{"container", plan.container.name},
                     {"id", plan.container.id},
                     {"secrets", names_of(plan.stale)},
                     {"strategy", strategy_text(plan.choice)},
                     {"reason", plan.choice.reason},
                     {"flow_reason", plan.choice.flow_reason},
                     {"impossible", plan.choice.refusal},
                     {"steps", std::move(steps)}});
  }
  return {{"service", p.state.scope.service},    {"scope", p.state.scope.id}, {"changed", names_of(p.changed)},
          {"unused_fields", names_of(p.unused)}, {"held_back", p.held_back},  {"error", p.error ? render(*p.error) : ""},
          {"rotations", std::move(plans)}};
}

std::string list(const std::vector<SecretKey>& keys) {
  std::string out;
  for (const SecretKey& k : keys) out += (out.empty() ? "" : ", ") + k.name;
  return out;
}

void show(const ScopePreview& p) {
  if (p.error) {
    print(p.state.scope.service + ": unknown, its containers keep what they have. " + render(*p.error));
    return;
  }
  if (p.held_back) {
    print(p.state.scope.service + ": held back, the store still has a value that was rolled back");
    return;
  }
  if (p.plans.empty()) {
    print(p.state.scope.service + ": nothing to do" +
          (p.changed.empty() ? "" : " but to update its files (" + list(p.changed) + ")") +
          (p.unused.empty() ? "" : ", since only fields that it is not given changed (" + list(p.unused) + ")"));
    return;
  }
  for (const ContainerPlan& plan : p.plans) {
    print(plan.container.name + ": " + strategy_text(plan.choice) + ", since " + list(plan.stale) + " changed (" +
          plan.choice.reason + ")");
    if (!plan.choice.flow_reason.empty()) print("  " + plan.choice.flow_reason);
    if (!plan.choice.refusal.empty()) print("  impossible: " + plan.choice.refusal);
    int n = 0;
    for (const PlannedStep& step : plan.steps) print("  " + std::to_string(++n) + ". " + step.what + ": " + step.reason);
  }
}

/// Containers that only their images opt in, and labels that do nothing. How many are left alone.
Result<std::size_t> tell_of_labels(const CommandContext& ctx, const Engine& engine, const std::string& one) {
  const Deadline deadline = Deadline::in(std::chrono::seconds(10));
  DSO_TRY(const auto listed, engine.list({{"label", {std::string(label::kReloader) + "=true"}}}, deadline, ctx.stop));
  std::size_t count = 0;
  for (const Container& c : listed) {
    if (c.opted_in() || (!one.empty() && c.name != one)) continue;
    note(ctx.globals, "dso: '" + c.name + "' is left alone: " + labels_that_do_not_count(c) + ". " + label_cure(c));
    ++count;
  }
  DSO_TRY(const auto all, engine.list({}, deadline, ctx.stop));
  for (const Container& c : all)
    if (one.empty() || c.name == one) note_slips(ctx.globals, "'" + c.name + "': ", c.labels);
  return count;
}

}  // namespace

CommandResult cmd_plan(CommandContext& ctx) {
  DSO_TRY(const LoadedConfig loaded, load_config(ctx.globals.config_path));
  DSO_TRY(const Engine engine, Engine::from_environment());
  DSO_TRY(const TmpfsStore store, TmpfsStore::look(ctx.paths.run_paths()));
  Sources sources(loaded.config, ctx.paths);
  const std::string one = ctx.arguments.empty() ? std::string() : ctx.arguments[0];
  DSO_TRY(const SwarmOutput swarm, swarm_plan_output(engine, sources, one, ctx.stop));
  ContainerTies ties(engine, ContainerTies::Asks::once);
  auto previews = preview_rotations(sources, store, ties, one, ctx.stop);
  // a name may be a service's
  if (previews.has_error() && (swarm.json.empty() || previews.error().cls != ErrorClass::not_found)) return previews.error();
  if (previews.has_error()) previews = std::vector<ScopePreview>();
  DSO_TRY(const std::size_t ignored, tell_of_labels(ctx, engine, one));
  if (ctx.globals.json()) {
    boost::json::array out;
    for (const ScopePreview& p : *previews) out.push_back(as_json(p));
    out.insert(out.end(), swarm.json.begin(), swarm.json.end());
    print(boost::json::serialize(out));
    return 0;
  }
  if (previews->empty() && swarm.text.empty() && ignored == 0)
    note(ctx.globals, "No running container that opted in (label dso.reloader=true) has a secret of DSO");
  for (const ScopePreview& p : *previews) show(p);
  if (!swarm.text.empty()) print(swarm.text);
  return 0;
}

}  // namespace dso::cli
