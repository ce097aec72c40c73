// `dso inspect CONTAINER`: which secrets it has, where, since when, by which strategy they change, and whether the store has
// newer ones.
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <set>

#include "agent/load_config.h"
#include "agent/look_before_replacing.h"
#include "agent/present_versions.h"
#include "agent/seen_mount.h"
#include "agent/sources.h"
#include "agent/volume_users.h"
#include "base/clock.h"
#include "command.h"
#include "delivery/tmpfs_store.h"
#include "docker/engine.h"
#include "logic/delivered_elsewhere.h"
#include "logic/drift.h"
#include "logic/mounted_scopes.h"
#include "logic/own_labels.h"
#include "logic/plan_reload.h"
#include "logic/volume_options.h"
#include "render.h"
#include "swarm_output.h"

namespace dso::cli {
namespace {

struct SecretRow {
  std::string secret, provider, version, delivery, strategy, drift;
  std::int64_t delivered_at_ms = 0;
};

std::string where(const ScopeState& state, const DeliveryItem& item) {
  std::string text = item.inject.type == InjectType::env ? "env"
                     : is_volume_scope(state.scope.id)
                         ? "volume " + volume_of_scope(state.scope)
                         : "file " + (item.inject.path.empty() ? std::string("/run/secrets") : item.inject.path);
  if (item.mappings.empty()) return text;
  text += " (";
  for (const Mapping& m : item.mappings) text += (text.back() == '(' ? "" : ", ") + m.field + " as " + m.dest;
  return text + ")";
}

std::vector<SecretRow> rows_of(const ScopeState& state, Container& container, Sources& sources, ContainerTies& ties,
                               std::stop_token stop) {
  std::vector<SecretRow> rows;
  std::set<SecretKey> all;
  for (const DeliveredSecret& d : state.delivered) all.insert(d.secret);
  const auto present = present_versions(sources, all, Deadline::in(std::chrono::seconds(10)), stop);
  const auto stale = stale_secrets(state, container);
  for (const DeliveryItem& item : state.scope.items)
    for (const DeliveredSecret& d : state.delivered) {
      if (d.secret != item.secret) continue;
      const bool is_stale = std::find(stale.begin(), stale.end(), d.secret) != stale.end();
      std::string strategy = "not opted in";
      if (container.opted_in()) {
        StrategyChoice choice = choose_after_look(ties, sources.config(), state.scope, {d.secret}, container, stop);
        if (is_volume_scope(state.scope.id)) keep_in_place(choice);
        strategy = strategy_text(choice) + " (" + choice.reason + ")";
        if (!choice.refusal.empty()) strategy += ": impossible: " + choice.refusal;
      }
      rows.push_back({d.secret.name, d.secret.instance, d.version, where(state, item), strategy,
                      is_stale ? "delivered, the process has not been told yet" : drift_text(d, present.at(d.secret)),
                      d.delivered_at_ms});
    }
  return rows;
}

std::string last_rotation(const std::vector<ScopeState>& states, const Container& c) {
  for (const ScopeState& state : states)
    if (const auto last = state.last_rotation.find(c.id); last != state.last_rotation.end()) return last->second;
  return {};
}

boost::json::value as_json(const Container& c, const std::string& scope, const std::vector<ScopeState>& states,
                           const std::vector<SecretRow>& rows) {
  boost::json::array secrets;
  for (const SecretRow& r : rows)
    secrets.push_back({{"name", r.secret},
                       {"provider", r.provider},
                       {"version", r.version},
                       {"delivery", r.delivery},
                       {"strategy", r.strategy},
                       {"drift", r.drift},
                       {"delivered_at_ms", r.delivered_at_ms}});
  return {{"container", c.name},
          {"id", c.id},
          {"scope", scope},
          {"reloader", c.opted_in()},
          {"labels_that_do_not_count", labels_that_do_not_count(c)},
          {"last_rotation", last_rotation(states, c)},
          {"secrets", secrets}};
}

/// Its own scope, and the volumes of ours that it mounts.
Result<std::vector<ScopeState>> states_of(const TmpfsStore& store, const Container& c) {
  std::vector<ScopeState> states;
  Error none;
  none.what = "Cannot inspect '" + c.name + "'";
  none.cls = ErrorClass::not_found;
  const auto scopes = mounted_scopes(c, store.paths().secrets_dir());
  if (const std::string elsewhere = delivered_elsewhere(c, store.paths().run_dir); scopes.empty() && !elsewhere.empty()) {
    none.cause = "it was " + elsewhere;
    none.next = "Ask there, by DSO_RUN_DIR.";
    return none;
  }
  for (const std::string& scope : scopes) {
    auto own = store.read(scope);
    if (own.has_error()) {
      none.cause = "its secrets are not on tmpfs here (" + render(own.error()) + ")";
      none.next = "After a reboot the agent brings them back: is it running?";
      return none;
    }
    states.push_back(std::move(*own));
  }
  for (ScopeState& volume : volumes_of_container(store, c)) states.push_back(std::move(volume));
  if (!states.empty()) return states;
  none.cause = "DSO delivers no secret to it";
  none.next = "Start it with `dso run` or `dso up`.";
  if (const std::string ignored = labels_that_do_not_count(c); !ignored.empty()) {
    none.cause += ", and " + ignored;
    none.next = label_cure(c);
  }
  return none;
}

}  // namespace

CommandResult cmd_inspect(CommandContext& ctx) {
  DSO_TRY(LoadedConfig loaded, load_config(ctx.globals.config_path));
  DSO_TRY(Engine engine, Engine::from_environment());
  auto seen = engine.inspect(ctx.arguments[0], Deadline::in(std::chrono::seconds(10)), ctx.stop);
  if (seen.has_error()) {
    if (seen.error().cls != ErrorClass::not_found) return seen.error();
    Sources sources(loaded.config, ctx.paths);
    DSO_TRY(const auto service, swarm_service_output(engine, sources, ctx.arguments[0], ctx.stop));
    if (!service) return seen.error();
    print(ctx.globals.json() ? boost::json::serialize(service->json.at(0)) : service->text);
    return 0;
  }
  DSO_TRY(const TmpfsStore store, TmpfsStore::look(ctx.paths.run_paths()));
  see_mount(*seen, store);
  Container container = std::move(*seen);
  DSO_TRY(const auto states, states_of(store, container));
  note_slips(ctx.globals, {}, container.labels);
  const std::string scope = mounted_scope(container, store.paths().secrets_dir());
  Sources sources(loaded.config, ctx.paths);
  ContainerTies ties(engine, ContainerTies::Asks::once);
  std::vector<SecretRow> rows;
  for (const ScopeState& state : states)
    for (SecretRow& row : rows_of(state, container, sources, ties, ctx.stop)) rows.push_back(std::move(row));
  if (ctx.globals.json()) {
    print(boost::json::serialize(as_json(container, scope, states, rows)));
    return 0;
  }
  std::vector<std::vector<std::string>> cells;
  for (const SecretRow& r : rows)
    cells.push_back({r.provider + "/" + r.secret, r.version.empty() ? "-" : r.version, r.delivery,
                     ago(unix_ms() - r.delivered_at_ms), r.strategy, r.drift});
  print("Container " + container.name + " (" + container.id.substr(0, 12) + "), " + container.state +
        (scope.empty() ? "" : ", scope " + scope));
  if (const std::string last = last_rotation(states, container); !last.empty()) print("Last rotation: " + last);
  if (const std::string ignored = labels_that_do_not_count(container); !ignored.empty())
    print("Note: " + ignored + ". " + label_cure(container));
  print(table({"SECRET", "VERSION", "DELIVERY", "DELIVERED", "STRATEGY", "DRIFT"}, cells));
  return 0;
}

}  // namespace dso::cli
