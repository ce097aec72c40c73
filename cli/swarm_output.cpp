// Reads the cluster once and asks each store once for all that is shown.
#include "swarm_output.h"
#include "deadlines.h"

#include <algorithm>
#include <boost/json/object.hpp>

#include "agent/swarm_watch.h"
#include "model/container.h"
#include "render.h"

namespace dso::cli {
namespace {

std::string text_of(const SwarmStep& s) {
  const std::string who = s.service.empty() ? "Swarm secret " + s.secret : "Service " + s.service;
  return who + ": " + step_name(s.kind) + (s.service.empty() || s.secret.empty() ? "" : " '" + s.secret + "'") + " (" + s.reason +
         ")";
}

}  // namespace

Result<std::optional<SwarmView>> swarm_view(const Engine& engine, std::stop_token stop) {
  const SwarmClient client(engine.socket_path());
  DSO_TRY(const SwarmNode self, client.self(Deadline::in(kLookTime), stop));
  if (!self.manager) return std::optional<SwarmView>();
  DSO_TRY(SwarmView view, client.view(Deadline::in(kLookTime), stop));
  return std::optional<SwarmView>(std::move(view));
}

std::vector<std::string> references_of(const SwarmIndex& index, const SwarmService& service) {
  std::vector<std::string> out;
  for (const SwarmSecret* secret : index.driven_of(service)) out.push_back(swarm_reference(*secret));
  return out;
}

Result<SwarmOutput> swarm_plan_output(const Engine& engine, Sources& sources, const std::string& service, std::stop_token stop) {
  SwarmOutput out;
  DSO_TRY(const std::optional<SwarmView> view, swarm_view(engine, stop));
  if (!view) return out;
  const auto add = [&out](const std::string& line) { out.text += (out.text.empty() ? "" : "\n") + line; };
  SwarmWish wish;
  wish.max_parallel = sources.config().agent.max_parallel;
  wish.versions = swarm_versions(
      swarm_references(*view), sources,
      [&](const std::string& reference, const Error& e) {
        if (!service.empty()) return;
        add("Services with '" + reference + "': unknown, they keep what they have. " + render(e));
        out.json.push_back({{"swarm_secret", reference}, {"error", render(e)}});
      },
      stop);
  for (const SwarmStep& s : plan_swarm(*view, wish)) {
    if (!service.empty() && s.service != service) continue;
    add(text_of(s));
    out.json.push_back({{"swarm_service", s.service},
                        {"swarm_secret", s.secret},
                        {"version", s.version},
                        {"step", step_name(s.kind)},
                        {"reason", s.reason}});
  }
  return out;
}

Result<std::optional<SwarmOutput>> swarm_service_output(const Engine& engine, Sources& sources, const std::string& service,
                                                        std::stop_token stop) {
  DSO_TRY(const std::optional<SwarmView> view, swarm_view(engine, stop));
  if (!view) return std::optional<SwarmOutput>();
  const auto found = std::find_if(view->services.begin(), view->services.end(),
                                  [&](const SwarmService& s) { return s.name == service || s.id == service; });
  if (found == view->services.end()) return std::optional<SwarmOutput>();
  const SwarmIndex index(*view);
  const bool opted = opted_in(found->labels);
  std::map<std::string, std::string> failed;
  const auto versions = swarm_versions(
      references_of(index, *found), sources, [&](const std::string& r, const Error& e) { failed[r] = class_name(e.cls); }, stop);

  SwarmOutput out;
  std::vector<std::vector<std::string>> rows;
  boost::json::array secrets;
  for (const SwarmSecret* s : index.driven_of(*found)) {
    const std::string reference = swarm_reference(*s), bound = s->label_or(label::kSwarmVersion);
    const auto has = versions.find(reference);
    const std::string drift = has == versions.end()
                                  ? "unknown: " + (failed.contains(reference) ? failed[reference] : "the store has no versions")
                              : !opted || bound.empty() ? "as the store had it when each task started"
                              : has->second == bound    ? "none"
                                                        : "the store has version " + has->second;
    rows.push_back({reference, s->name, bound.empty() ? "-" : bound, drift});
    secrets.push_back({{"name", reference}, {"swarm_secret", s->name}, {"version", bound}, {"drift", drift}});
  }
  const long tasks = index.task_count(*found);
  out.text = "Service " + found->name + ", " + std::to_string(tasks) + " tasks, " + (opted ? "opted in" : "not opted in") +
             (found->update_state.empty() ? "" : ", last update " + found->update_state) + "\n" +
             table({"SECRET", "SWARM SECRET", "VERSION", "DRIFT"}, rows);
  out.json.push_back({{"service", found->name},
                      {"id", found->id},
                      {"tasks", tasks},
                      {"reloader", opted},
                      {"update", found->update_state},
                      {"secrets", std::move(secrets)}});
  return std::optional<SwarmOutput>(std::move(out));
}

}  // namespace dso::cli
