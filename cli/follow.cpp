// The engine is asked when docker has ended. With --rm docker waits for the removal, which a restart is not, and no longer shows
// what the container prints: there the engine is asked now and then.
#include "follow.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <optional>
#include <thread>

#include "base/clock.h"
#include "base/pause.h"
#include "deadlines.h"
#include "logic/follow_service.h"
#include "logic/rotation_names.h"

namespace dso::cli {
namespace {

using Step = FollowChoice::Step;

/// The time between two containers of a service, of an engine that is busy.
constexpr auto kBetweenTwo = std::chrono::seconds(60);
/// How often is looked: there is no call that waits for a container that does not run yet.
constexpr auto kLookAgain = std::chrono::milliseconds(100);
constexpr auto kLookForRestart = std::chrono::milliseconds(500);
/// Between the end of a container and the engine's word of it.
constexpr auto kEndIsSeen = std::chrono::seconds(1);

Result<void> look(FollowFacts& facts, const Engine& engine, const TmpfsStore& store) {
  DSO_TRY(const auto listed, engine.list({{"label", {label::kScope}}}, Deadline::in(kEngineTime)));
  facts.containers.clear();
  facts.restarting.clear();
  for (const Container& c : listed) {
    const std::string scope = c.label_or(label::kScope);
    if (scope_base(scope) != scope_base(facts.scope)) continue;
    auto whole = engine.inspect(c.id, Deadline::in(kEngineTime));
    if (whole.has_error() && whole.error().cls == ErrorClass::not_found) continue;
    if (whole.has_error()) return whole.error();
    facts.containers.push_back(std::move(*whole));
    if (const auto state = store.read(scope); state.has_value())
      for (const auto& [id, since] : state->restarting) facts.restarting.insert(id);
  }
  return {};
}

/// What it prints is read from its log, from its start on; docker attaches to what comes. A terminal is docker's own, and so is
/// what a log that cannot be read would hold.
Result<int> attach(const Engine& engine, const Container& c, const RunArgs& args, bool to_end) {
  if (to_end) (void)engine.kill(c.id, "SIGTERM", Deadline::in(kEngineTime));
  DockerCall call, log;
  call.arguments = {"attach", c.id};
  if (!args.interactive) call.arguments.insert(call.arguments.begin() + 1, "--no-stdin");
  if (args.tty) return run_docker(call);
  log.arguments = {"logs", "--tail", "0", c.id};
  DSO_TRY(const DockerOutput readable, capture_docker(log));
  if (readable.exit_code != 0) return run_docker(call);
  log.arguments = {"logs", "--follow", c.id};
  // what it printed before that end is shown already; its start is noted too late for that, after its first lines
  if (const std::int64_t since = c.finished_at_ms + 1; since > 1) {
    const std::string ms = std::to_string(1000 + since % 1000).substr(1);
    log.arguments.insert(log.arguments.begin() + 2, {"--since", std::to_string(since / 1000) + "." + ms});
  }
  return run_docker_shown_by(call, log);
}

/// It ended, and runs again.
bool runs_again(const Engine& engine, const std::string& scope, const std::stop_token& stop) {
  const auto listed = engine.list({{"label", {std::string(label::kScope) + "=" + scope}}}, Deadline::in(kEngineTime), stop);
  if (listed.has_error()) return false;
  return std::any_of(listed->begin(), listed->end(), [&](const Container& c) {
    const auto whole = engine.inspect(c.id, Deadline::in(kEngineTime), stop);
    return whole.has_value() && whole->state == "running" && whole->finished_at_ms > 0;
  });
}

/// Has a docker that waits for the removal end when its container runs again. Looked at, not listened for: an event that does not
/// come would leave the output of the process before, for ever.
std::jthread watch_restarts(const Engine& engine, const std::string& scope) {
  return std::jthread([engine, scope](std::stop_token stop) {
    do pause_for(kLookForRestart, stop);
    while (!stop.stop_requested() && !runs_again(engine, scope, stop));
    if (!stop.stop_requested()) end_docker();
  });
}

/// Asks the engine how a container ends, from now on: with --rm nobody knows it afterwards, and `docker attach` says something
/// else where it came too late, or ended by the signal itself.
class ExitWatch {
 public:
  ExitWatch(const Engine& engine, const std::string& id)
      : code_(promise_.get_future().share()), thread_([this, engine, id](std::stop_token stop) {
          const auto ended = engine.wait_exit(id, Deadline::never(), stop);
          promise_.set_value(ended.has_value() ? std::optional<int>(*ended) : std::nullopt);
        }) {}
  /// Nothing: it runs still, or nobody knows.
  std::optional<int> within(std::chrono::milliseconds patience) const {
    return code_.wait_for(patience) == std::future_status::ready ? code_.get() : std::nullopt;
  }

 private:
  std::promise<std::optional<int>> promise_;
  std::shared_future<std::optional<int>> code_;
  std::jthread thread_;  // last: it uses the others
};

/// How the container ended that docker was attached to; nothing: it goes on. Where the signal that was to end it ended docker
/// too, docker may have been too quick to pass it on.
std::optional<int> ended_with(const Engine& engine, const ExitWatch& exit, const std::string& id, std::int64_t since_ms) {
  const auto at_once = exit.within(kEndIsSeen);
  if (at_once || !asked_to_end()) return at_once;
  const auto passed_on = engine.past_events({{"type", {"container"}}, {"container", {id}}, {"event", {"kill"}}}, since_ms,
                                            Deadline::in(kEngineTime), {});
  if (passed_on.has_error() || passed_on->empty()) (void)engine.kill(id, "SIGTERM", Deadline::in(kEngineTime));
  return exit.within(kBetweenTwo);
}

}  // namespace

Result<int> run_followed(const CommandContext& context, const DockerCall& call, const RunArgs& args, const Engine& engine,
                         const TmpfsStore& store, const std::string& scope) {
  std::jthread watch;
  if (args.remove && !args.tty) watch = watch_restarts(engine, scope);  // a terminal would stay as docker had set it
  DSO_TRY(int code, run_docker(call));
  watch = {};
  FollowFacts facts{scope, {}, 0, {}, {}};
  for (Deadline patience = Deadline::in(kBetweenTwo); !patience.passed();) {
    if (look(facts, engine, store).has_error()) return code;
    const FollowChoice choice = next_to_follow(facts);
    if (choice.step == Step::end) break;
    if (choice.step == Step::wait) {
      pause_for(kLookAgain, {});
      continue;
    }
    facts.followed = choice.with->id;
    facts.followed_start = choice.with->started_at_ms;
    const std::int64_t since_ms = unix_ms();
    const ExitWatch exit(engine, facts.followed);
    DSO_TRY(code, attach(engine, *choice.with, args, context.stop.stop_requested() || asked_to_end()));
    code = ended_with(engine, exit, facts.followed, since_ms).value_or(code);
    patience = Deadline::in(kBetweenTwo);
  }
  return code;
}

}  // namespace dso::cli
