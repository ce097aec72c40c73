// `dso rotate NAME…`: containers by the running agent, now; a Swarm's service by the agent of the manager that leads, and this
// command waits for it as `docker service update` does.
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "agent/control_client.h"
#include "agent/load_config.h"
#include "base/pause.h"
#include "command.h"
#include "docker/engine.h"
#include "logic/json_text.h"
#include "render.h"
#include "swarm_output.h"

namespace dso::cli {
namespace {

constexpr std::chrono::seconds kBetweenLooks{1};
constexpr std::chrono::minutes kPatience{10};

/// Nothing yet; an error: it stays as it is; a text: done.
Result<std::optional<std::string>> look(const Engine& engine, Sources& sources, const std::string& name, std::stop_token stop) {
  const std::string cannot = "Cannot rotate service '" + name + "'";
  DSO_TRY(const auto service, swarm_service_output(engine, sources, name, stop));
  if (!service) return make_error(ErrorClass::not_found, cannot, "there is no such service, or this node manages no Swarm");
  const boost::json::object& is = service->json.at(0).as_object();
  if (!is.at("reloader").as_bool())
    return make_error(ErrorClass::invalid_request, cannot, "it did not opt in",
                      "docker service update --label-add dso.reloader=true " + name + ".");
  DSO_TRY(const SwarmOutput plan, swarm_plan_output(engine, sources, std::string(text_in(is, "service")), stop));
  std::string kept;
  for (const boost::json::value& step : plan.json) {
    if (text_in(step.as_object(), "step") != "keep") return std::optional<std::string>();
    kept = text_in(step.as_object(), "reason");
  }
  if (!kept.empty())
    return make_error(ErrorClass::unhealthy, cannot, kept,
                      "It runs with what it has: docker service ps --no-trunc " + name + ".");
  for (const boost::json::value& secret : is.at("secrets").as_array()) {
    const std::string drift(text_in(secret.as_object(), "drift"));
    if (drift.starts_with("unknown"))
      return make_error(ErrorClass::unavailable, cannot,
                        "the version of '" + std::string(text_in(secret.as_object(), "name")) + "' is " + drift);
    if (drift != "none") return std::optional<std::string>();
  }
  if (text_in(is, "update").ends_with("ing") || text_in(is, "update") == "rollback_started") return std::optional<std::string>();
  return std::optional("Service '" + name + "' has what the stores have, every task of it");
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

CommandResult rotate_service(CommandContext& ctx, const Engine& engine, Sources& sources, const std::string& name,
                             Report& report) {
  const Deadline deadline = Deadline::in(kPatience);
  bool said = false;
  while (true) {
    DSO_TRY(const std::optional<std::string> done, look(engine, sources, name, ctx.stop));
    if (done) {
      report.add(name, *done);
      return 0;
    }
    if (!std::exchange(said, true)) {
      poke_agent(ctx.paths.control_socket());
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
  const std::string socket = ctx.paths.control_socket();
  if (!agent_runs(socket))
    return make_error(ErrorClass::unavailable, "Cannot rotate '" + ctx.arguments[0] + "'", "no agent answers at " + socket,
                      "Start it: dso agent.");
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
