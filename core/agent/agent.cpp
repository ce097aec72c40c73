// Starts the parts in order, waits, stops them in the opposite order.
#include "agent/agent.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <memory>

#include "agent/agent_status.h"
#include "agent/boot.h"
#include "agent/config_reload.h"
#include "agent/control_server.h"
#include "agent/doors.h"
#include "agent/earlier_sweep.h"
#include "agent/engine_watch.h"
#include "agent/fair_limits.h"
#include "agent/gc_scopes.h"
#include "agent/log_ring.h"
#include "agent/mount_watch.h"
#include "agent/reload_requests.h"
#include "agent/reloader.h"
#include "agent/run_dir_engine.h"
#include "agent/sd_notify.h"
#include "agent/sources.h"
#include "agent/swarm_watch.h"
#include "agent/untold.h"
#include "agent/watchers.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/locked_memory.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/secret_bytes.h"
#include "net/dialer.h"
#include "provider/credential_process.h"
#include "provider/sandbox.h"

namespace dso {
namespace {

constexpr std::chrono::seconds kBootBudget{20};

/// The limit is low by default for programs that use select(2). We do not, and thousands of connections may wait at the sockets.
void have_descriptors() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  const rlim_t wanted = std::min<rlim_t>(files.rlim_max, 65'536);
  if (files.rlim_cur >= wanted) return;
  files.rlim_cur = wanted;
  if (setrlimit(RLIMIT_NOFILE, &files) != 0)
    log::warn("Agent", "The limit of open files could not be raised: fewer connections may wait at the sockets");
}

Result<UniqueFd> only_agent(const Paths& paths) {
  DSO_CHECK(make_folders(paths.run_dir, 0711));
  auto lock = lock_file(paths.run_dir + "/agent.lock", 0);
  if (lock.has_value()) return lock;
  Error e = lock.error();
  e.what = "Cannot start the agent";
  e.cause = "another one runs with the run dir " + paths.run_dir;
  e.next = "Follow it with `dso watch`, or give this one another DSO_RUN_DIR.";
  return e;
}

/// Before any value is there. A start that could lock nothing ends here, not at the first secret.
Result<void> lock_secret_memory(const Config& config) {
  if (!config.agent.memory_must_be_locked) return {};
  const bool locked = require_locked_secret_memory();
  try {
    const SecretBuffer some(1), many(64 * 1024);
    if (locked) return {};
  } catch (const SecretMemoryRefused&) {
  }
  return make_error(ErrorClass::config, "Cannot start the agent",
                    "not all memory for secrets can be locked, and agent.memory.locked is required",
                    "Raise LimitMEMLOCK= (systemctl edit dso-agent; ulimit -l), or leave agent.memory.locked out.");
}

void say_how_providers_are_kept() {
  if (const std::string gap = sandbox_gap(); !gap.empty())
    log::warn("Agent", "Providers are confined less than they could be: " + gap);
}

/// What runs beside us and does not know of the dialer: a provider with `sandbox: network`, a credential_process.
void say_who_has_no_network(const Config& config) {
  if (UniqueFd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))) return;
  for (const ProviderInstance& i : config.providers)
    if (i.sandbox == "network" || may_run_programs(i))
      log::warn("Agent",
                "The provider instance '" + i.name + "' wants a network of its own, which this agent's unit does not allow. " +
                    "To allow it: systemctl edit dso-agent, with [Service], RestrictAddressFamilies=AF_INET AF_INET6 and "
                    "IPAddressAllow=any");
}

/// Housekeeping between start and stop: the watchdog, scopes of removed containers, what could not be brought back at boot.
/// And who asks for the config to be read anew.
void idle_until_stop(Boot& boot, MountWatch& mount, TmpfsStore& store, const Engine& engine, ReloadRequests& requests,
                     ConfigReload& config, bool whole, std::stop_token stop) {
  const auto watchdog = watchdog_interval();
  const auto step = std::min<std::chrono::milliseconds>(watchdog.value_or(std::chrono::minutes(1)), std::chrono::minutes(1));
  auto next_housekeeping = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!stop.stop_requested()) {
    const auto time = !whole ? std::min<std::chrono::milliseconds>(step, std::chrono::seconds(5)) : step;
    if (requests.wait(time, stop)) {
      auto done = config.reload();
      if (done.has_value()) {
        say_who_has_no_network(config.config());
        tell_of_unknown_instances(store, config.config());
        whole = false;  // what could not be delivered for want of an instance may be now
      }
      requests.answer(std::move(done));
    }
    if (stop.stop_requested()) return;
    if (watchdog) sd_notify("WATCHDOG=1");
    mount.look(stop);
    if (mount.left_something()) whole = false;
    if (!whole) {
      const bool refilled = boot.refill(kBootBudget, stop);
      whole = boot.start_refused(stop) && refilled;
    }
    if (std::chrono::steady_clock::now() < next_housekeeping) continue;
    next_housekeeping = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    for (const std::string& scope : store.list())
      if (auto swept = store.sweep_earlier(scope); swept.has_error()) log::warn("Agent", render(swept.error()));
    const auto time_to_clean = Deadline::in(std::chrono::seconds(30));
    if (claim_run_dir(engine, store, time_to_clean, stop).has_error()) continue;  // said at the start
    if (auto removed = gc_scopes(engine, store, {}, unix_ms(), time_to_clean, stop); removed.has_value() && !removed->empty())
      log::info("Agent", "Wiped the secrets of " + std::to_string(removed->size()) + " removed container(s)");
  }
}

}  // namespace

Result<void> run_agent(const LoadedConfig& config, const Paths& paths, const AgentOptions& options, std::stop_token stop) {
  LogRing log_ring;
  have_descriptors();
  dial_through(paths.dialer_socket);
  DSO_CHECK(lock_secret_memory(config.config));
  DSO_TRY(UniqueFd only, only_agent(paths));
  DSO_TRY(TmpfsStore store, TmpfsStore::open(paths.run_paths()));
  const EarlierSweep earlier_sweep(store);
  DSO_TRY(Engine engine, Engine::from_environment());
  Sources sources(config.config, paths);
  std::unique_ptr<Doors> doors;
  if (options.daemon)
    doors = std::make_unique<Doors>(paths, options.plugin_socket, sources, store, engine);  // before any store is asked
  Boot boot(sources, store, engine);
  const bool refilled = boot.refill(kBootBudget, stop);
  say_how_providers_are_kept();
  say_who_has_no_network(config.config);

  const RedirectTable redirects(paths.state_dir);
  AskedEnds asked_ends;
  ContainerTies ties(engine);
  Reloader reloader(sources, store, engine, redirects, asked_ends, ties, config.config.agent.max_parallel);
  reloader.recover();
  reloader.go_on_monitoring();
  MountWatch mount(store, boot);
  Untold untold(engine, store, reloader, mount);
  OptedInList opted_in(engine);
  Watchers watchers(sources, store, opted_in, reloader, untold);
  watchers.start();
  std::unique_ptr<SwarmWatch> swarm;
  if (doors) swarm = std::make_unique<SwarmWatch>(SwarmClient(engine.socket_path()), sources, doors->served);
  const auto wake_all = [&watchers, &swarm] {
    watchers.wake();
    if (swarm) swarm->wake();
  };
  const auto resume = [&] {
    boot.refill_used_volumes(stop);
    if (auto resumed = untold.look_anew(stop); resumed.has_error() && !stop.stop_requested())
      log::warn("Agent", render(resumed.error()) + " Waiting for the engine");
  };
  const auto engine_is_back = [&] {
    if (doors) doors->peers.may_have_missed_something();
    boot.start_refused(stop);
    reloader.recover();
    reloader.engine_is_back();
    resume();
    wake_all();
  };
  const auto happened = [&](const std::string& container) {
    opted_in.events().happened_to(container);
    ties.events().happened_to(container);
    if (doors) doors->peers.happened_to(container);
  };
  const auto may_have_missed = [&] {
    opted_in.events().may_have_missed_something();
    ties.events().may_have_missed_something();
  };
  const auto runs_again = [&](const std::string& container) { untold.runs_again(container, stop); };
  const auto suffers = [&reloader](const std::string& container) { reloader.look_at(container); };
  std::unique_ptr<EngineWatch> engine_watch = std::make_unique<EngineWatch>(
      engine, store, asked_ends, EngineWatch::Calls{may_have_missed, engine_is_back, happened, runs_again, suffers});
  const auto rollback = [&reloader](const std::string& container, std::stop_token asked) {
    return reloader.rollback(container, std::move(asked));
  };
  const auto rotate = [&reloader](const std::string& container, std::stop_token asked) {
    return reloader.rotate(container, std::move(asked));
  };
  ConfigReload config_reload(config, options.load, sources, watchers, doors ? &doors->cache : nullptr);
  ReloadRequests no_requests;
  ReloadRequests& requests = options.reloads ? *options.reloads : no_requests;
  const auto reload = [&requests](std::stop_token asked) { return requests.ask_and_wait(std::move(asked)); };
  const auto status = [&, started_at_ms = unix_ms()] {
    auto out = agent_status(sources.config(), metrics::samples(), reloader.state(), swarm && swarm->leads(), started_at_ms);
    out["version"] = options.version;
    out["config_read"] = mark_to_json(config_reload.mark());
    return out;
  };
  std::unique_ptr<HttpServer> control;
  if (options.daemon) {
    const auto for_container = [&doors](const ServerRequest& request) { return doors->reader.respond_to_container(request); };
    DSO_TRY(control,
            start_control_server(paths.control_socket(), {wake_all, rotate, rollback, reload, status, log_ring, for_container},
                                 fair_limits("the control socket", kControlConnections, doors->peers)));
  }
  log::info("Agent", "Ready: watching " + std::to_string(watchers.count()) + " provider instance(s), config " +
                         (config.config.file.empty() ? std::string("built-in defaults (local store)") : config.config.file));
  tell_of_unknown_instances(store, config.config);
  sd_notify("READY=1");
  // Not before: the engine's unit waits for ours, and its socket may be there already and answer only once it runs.
  resume();
  if (auto ours = claim_run_dir(engine, store, Deadline::in(std::chrono::seconds(30)), stop); ours.has_error())
    log::error("Agent", render(ours.error()) + " Nothing is wiped");
  const bool started = boot.start_refused(stop);
  idle_until_stop(boot, mount, store, engine, requests, config_reload, refilled && started, stop);
  sd_notify("STOPPING=1");
  log::info("Agent", "Stopping; every container keeps what it has");
  reloader.let_go();  // before the control socket, behind which somebody may wait for a rotation
  control.reset();
  engine_watch.reset();  // before what it wakes: the engine may come back just now
  swarm.reset();
  doors.reset();
  return {};
}

}  // namespace dso
