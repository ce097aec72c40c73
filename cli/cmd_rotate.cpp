// `dso rotate NAME…`: containers by the running agent, now; a Swarm's service by the agent of the manager that leads, and this
// command waits for it as `docker service update` does.
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "agent/control_client.h"
#include "agent/load_config.h"
#include "agent/swarm_watch.h"
#include "agent/which_agent.h"
#include "base/pause.h"
#include "command.h"
#include "docker/engine.h"
#include "logic/swarm_progress.h"
#include "render.h"
#include "swarm_output.h"

namespace dso::cli {
namespace {

constexpr std::chrono::seconds kBetweenLooks{1};
constexpr std::chrono::minutes kPatience{10};

/// The service, once somebody can move it.
Result<SwarmService> service_in(const std::optional<SwarmView>& view, const std::string& name) {
  const std::string cannot = "Cannot rotate service '" + name + "'";
  if (view)
    for (const SwarmService& s : view->services) {
      if (s.name != name && s.id != name) continue;
      if (opted_in(s.labels)) return s;
      return make_error(ErrorClass::invalid_request, cannot, "it did not opt in",
                        "docker service update --label-add dso.reloader=true " + name + ".");
    }
  return make_error(ErrorClass::not_found, cannot, "there is no such service, or this node manages no Swarm");
}

/// The stores' versions of all that the service uses.
Result<std::map<std::string, std::string>> versions_for(const SwarmView& view, const SwarmService& service, Sources& sources,
                                                        std::stop_token stop) {
  std::map<std::string, std::string> unknown;
  const auto references = references_of(SwarmIndex(view), service);
  auto versions = swarm_versions(
      references, sources, [&](const std::string& r, const Error& e) { unknown[r] = class_name(e.cls); }, stop);
  for (const std::string& r : references)
    if (!versions.contains(r))
      return make_error(ErrorClass::unavailable, "Cannot rotate service '" + service.name + "'",
                        "the version of '" + r + "' is unknown: " + (unknown[r].empty() ? "the store has none" : unknown[r]));
  return versions;
}

/// What was done about each name: at once for people, one array at the end for programs.
class Report {
 public:
  explicit Report(const Globals& globals) : json_(globals.json()) {}
  ~Report() {
    if (json_) print(boost::json::serialize(done_));
  }
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;
  void add(const std::string& name, const std::string& message) {
    if (json_)
      done_.push_back(boost::json::object{{"name", name}, {"message", message}});
    else
      print(message);
  }

 private:
  bool json_;
  boost::json::array done_;
};

/// The stores are asked as often as the agent does it; in between the cluster alone is looked at.
CommandResult rotate_service(CommandContext& ctx, const Engine& engine, Sources& sources, const std::string& name,
                             Report& report) {
  const Deadline deadline = Deadline::in(kPatience);
  Deadline next_asked = Deadline::in(std::chrono::seconds(0));
  SwarmWish wish;
  wish.max_parallel = sources.config().agent.max_parallel;
  bool said = false;
  while (true) {
    DSO_TRY(const std::optional<SwarmView> view, swarm_view(engine, ctx.stop));
    DSO_TRY(const SwarmService service, service_in(view, name));
    if (next_asked.passed()) {
      DSO_TRY(wish.versions, versions_for(*view, service, sources, ctx.stop));
      next_asked = Deadline::in(sources.config().agent.polling_interval);
    }
    auto done = has_versions(*view, service, wish);
    if (done.has_error()) {
      done.error().next = "It runs with what it has: docker service ps --no-trunc " + name + ".";
      return done.error();
    }
    if (*done) {
      report.add(name, "Service '" + name + "' has what the stores have, every task of it");
      return 0;
    }
    if (!std::exchange(said, true)) {
      poke_agent(agent_socket(ctx.paths));
      note(ctx.globals, "Waiting until every task of service '" + name + "' has the present value");
    }
    if (deadline.passed())
      return make_error(ErrorClass::timeout, "Service '" + name + "' is not done", "the agent of the leading manager goes on",
                        "Does it run there? dso plan " + name + " says what is left.");
    pause_for(kBetweenLooks, ctx.stop);
    if (ctx.stop.stop_requested()) return 130;
  }
}

}  // namespace

CommandResult cmd_rotate(CommandContext& ctx) {
  const std::string socket = agent_socket(ctx.paths);
  if (!agent_runs(socket))
    return make_error(ErrorClass::unavailable, "Cannot rotate '" + ctx.arguments[0] + "'",
                      "no agent answers at " + vain_socket(ctx.paths), "Start it: dso agent.");
  DSO_TRY(const LoadedConfig loaded, load_config(ctx.globals.config_path));
  DSO_TRY(const Engine engine, Engine::from_environment());
  Sources sources(loaded.config, ctx.paths);
  Report report(ctx.globals);
  int worst = 0;
  for (const std::string& name : ctx.arguments) {
    CommandResult one = 0;
    auto seen = engine.inspect(name, Deadline::in(std::chrono::seconds(15)), ctx.stop);
    if (seen.has_error() && seen.error().cls == ErrorClass::not_found) {
      one = rotate_service(ctx, engine, sources, name, report);
    } else if (auto done = ask_for_rotation(socket, name, ctx.stop); done.has_error()) {
      one = done.error();
    } else {
      report.add(name, *done);
    }
    if (one.has_error() && ctx.arguments.size() == 1) return one;
    if (one.has_error()) show_error(ctx.globals, one.error());  // and the others all the same, as `docker restart` does
    const int code = one.has_error() ? exit_code(one.error().cls) : *one;
    if (code == 130) return code;
    worst = std::max(worst, code);
  }
  return worst;
}

}  // namespace dso::cli
