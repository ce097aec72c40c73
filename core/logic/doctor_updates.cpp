// Why a change in the store does not reach a container.
#include <algorithm>

#include "logic/delivered_elsewhere.h"
#include "logic/doctor_containers.h"
#include "logic/doctor_row.h"
#include "logic/drift.h"
#include "logic/duration.h"
#include "logic/label_slips.h"
#include "logic/missing_delivery.h"
#include "logic/mounted_scopes.h"
#include "logic/own_labels.h"
#include "logic/plan_reload.h"
#include "logic/plan_rotation.h"
#include "logic/resolve_targets.h"
#include "logic/rotation_names.h"
#include "logic/text.h"
#include "logic/volume_options.h"

namespace dso {
namespace {

using enum DoctorLevel;

/// A change has been polled, debounced and brought by then, or something is wrong.
constexpr int kIntervals = 3;

bool runs(const Container& c) {
  return c.state == "running" || c.state == "paused";
}

/// Of this agent's, whether they are there or not.
bool mounts_files(const ContainersSeen& seen, const Container& c) {
  return !mounted_scopes(c, seen.run_dir + "/secrets").empty();
}

/// It has and wants nothing of DSO's.
bool is_strangers(const ContainersSeen& seen, const ContainerFacts& f) {
  return !mounts_files(seen, f.container) && f.delivered.empty() && f.wanted.empty() && !f.container.opted_in();
}

void target_rows(DoctorRows& rows, const Config& config, const ContainersSeen& seen) {
  for (const SecretConfig& s : config.secrets) {
    if (s.targets.empty()) continue;
    const std::string subject = s.provider + "/" + s.name;
    const auto count = std::count_if(seen.containers.begin(), seen.containers.end(), [&s](const ContainerFacts& c) {
      return is_target(s.targets, {c.container.name, c.container.label_or(label::kComposeService), c.container.labels});
    });
    if (count > 0)
      add_row(rows, ok, "secret.targets", subject, "containers that match: " + std::to_string(count));
    else
      add_row(
          rows, warn, "secret.targets", subject, "no container matches its targets",
          "Compare secrets[].targets with `docker ps -a`: all that it names must match, name or compose service, and labels.");
  }
}

void label_row(DoctorRows& rows, const Container& c) {
  if (c.opted_in()) return add_row(rows, ok, "container.label", c.name, std::string(label::kReloader) + "=true");
  add_row(rows, warn, "container.label", c.name,
          "it has no label " + std::string(label::kReloader) + "=true: it keeps the values that it started with",
          "Add the label to its compose service, or to `dso run --label`, and make it anew.");
}

/// True where its secrets lie on tmpfs, so that there is more to say.
bool delivery_row(DoctorRows& rows, const ContainersSeen& seen, const ContainerFacts& f) {
  const Container& c = f.container;
  constexpr const char* kCheck = "container.delivery";
  std::size_t secrets = 0;
  for (const ScopeState& s : f.delivered) secrets += s.delivered.size();
  const bool own =
      std::any_of(f.delivered.begin(), f.delivered.end(), [](const ScopeState& s) { return !is_volume_scope(s.scope.id); });
  if (!f.unreadable.empty()) {
    add_row(rows, info, kCheck, c.name, "its files cannot be looked at: " + f.unreadable);
  } else if (mounts_files(seen, c) && !own) {
    add_row(rows, error, kCheck, c.name, "its secrets are not on tmpfs",
            "The agent brings them back: see its rows, `dso logs`, and whether it has the same DSO_RUN_DIR.");
  } else if (!f.delivered.empty()) {
    add_row(rows, ok, kCheck, c.name, "secrets on tmpfs: " + std::to_string(secrets));
    return true;
  } else {
    std::string text = missing_delivery(c, seen.known_scopes);
    if (text.empty())
      text =
          "'" + c.name + "' matches targets of the config, but was started without secrets; start it with `dso run` or `dso up`";
    const std::size_t next = text.find("; ");
    add_row(rows, warn, kCheck, c.name, text.substr(0, next), sentence(text.substr(next + 2)));
  }
  return false;
}

struct DriftRow {
  DoctorLevel level = ok;
  std::string found, next;
};

DriftRow newer(const Config& config, const ContainersSeen& seen, const ContainerFacts& f, const ScopeState& state,
               const DeliveredSecret& d, const std::string& present) {
  const std::chrono::milliseconds age(std::max<std::int64_t>(seen.now_ms - d.delivered_at_ms, 0)),
      every = config.agent.polling_interval;
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(age);
  const SecretConfig* entry = find_secret(config, d.secret);
  DriftRow row{info,
               "'" + d.secret.name + "': version " + d.version + " delivered " + format_duration(whole) +
                   " ago, the store has version " + present,
               {}};
  if (!f.container.opted_in() || (entry && !entry->rotation))
    row.found += "; it is not to change here";
  else if (state.refused.contains(applied_key(d.secret)))
    row.found += "; held back, since a value was rolled back";
  else if (!seen.agent)
    row = {warn, row.found + "; no agent answers", "Start the agent: dso agent"};
  else if (seen.agent->failing.contains(scope_base(state.scope.id)))
    row.found += "; see container.rotation";
  else if (seen.agent->rotating.contains(scope_base(state.scope.id)))
    row.found += "; the agent is at it";
  else if (age <= kIntervals * every + config.agent.debounce_max)
    row.found += "; polled every " + format_duration(every);
  else
    row = {warn, row.found + ", though it is polled every " + format_duration(every),
           "If it is not of the last minutes, see `dso logs --secret " + d.secret.name + "`; bring it now: `dso rotate " +
               f.container.name + "`"};
  return row;
}

void mount_row(DoctorRows& rows, const Container& c) {
  if (!c.mount_lost) return;
  add_row(rows, warn, "container.mount", c.name, std::string(kMountLost) + ", and it keeps the files that it has until then",
          "Restart it when it suits: docker restart " + c.name);
}

void drift_row(DoctorRows& rows, const Config& config, const ContainersSeen& seen, const ContainerFacts& f) {
  DriftRow worst{ok, "it has the stores' present versions", {}};
  const auto take = [&worst](DriftRow row) {
    if (row.level > worst.level) worst = std::move(row);
  };
  for (const ScopeState& state : f.delivered) {
    for (const DeliveredSecret& d : state.delivered) {
      const auto present = seen.present.find(d.secret);
      if (present == seen.present.end()) continue;
      const Drift drift = drift_of(d, present->second);
      if (drift == Drift::newer) take(newer(config, seen, f, state, d, *present->second));
      if (drift == Drift::unknown) take({info, "'" + d.secret.name + "': " + drift_text(d, present->second), {}});
    }
    const auto stale = stale_secrets(state, f.container);
    if (!f.container.opted_in() || stale.empty() || !runs(f.container)) continue;
    if (choose_strategy(config, state.scope, stale, f.container).type == Strategy::none)
      take({info, "'" + stale[0].name + "': its file is new, and by the strategy none its process is not told", {}});
    else if (!seen.agent || !seen.agent->rotating.contains(scope_base(state.scope.id)))
      take({warn, "'" + stale[0].name + "': its file is new, its process was not told",
            "See `dso logs --container " + f.container.name + "`"});
  }
  add_row(rows, worst.level, "container.drift", f.container.name, worst.found, worst.next);
}

void rotation_row(DoctorRows& rows, const ContainersSeen& seen, const ContainerFacts& f) {
  if (!seen.agent || !f.container.opted_in()) return;
  for (const ScopeState& state : f.delivered)
    if (const auto failing = seen.agent->failing.find(scope_base(state.scope.id)); failing != seen.agent->failing.end())
      return add_row(rows, warn, "container.rotation", f.container.name,
                     "it keeps the last good value; tries that failed: " + std::to_string(failing->second),
                     "See why: `dso logs --container " + f.container.name + "`");
  add_row(rows, ok, "container.rotation", f.container.name, "no rotation of it has failed lately");
}

void held_rows(DoctorRows& rows, const Config& config, const ContainersSeen& seen) {
  if (!seen.agent) return;
  for (const auto& [instance, count] : seen.agent->held)
    add_row(rows, info, "secret.debounce", instance,
            count == 0
                ? "no change is held back"
                : "changes held back: " + std::to_string(count) + ", until quiet for " +
                      format_duration(config.agent.debounce_quiet) + ", at most " + format_duration(config.agent.debounce_max));
}

}  // namespace

DoctorRows doctor_containers(const Config& config, const ContainersSeen& seen) {
  DoctorRows rows;
  target_rows(rows, config, seen);
  held_rows(rows, config, seen);
  for (const ContainerFacts& f : seen.containers) {
    if (const std::string elsewhere = delivered_elsewhere(f.container, seen.run_dir); !elsewhere.empty()) {
      add_row(rows, info, "container.delivery", f.container.name, elsewhere + "; look there, by DSO_RUN_DIR");
      continue;
    }
    if (const std::string ignored = labels_that_do_not_count(f.container); !ignored.empty()) {
      add_row(rows, warn, "container.image_labels", f.container.name, ignored, label_cure(f.container));
      if (is_strangers(seen, f)) continue;
    }
    auto slips = label_slips(f.container.labels);
    for (LabelSlip& slip : slips)
      add_row(rows, warn, "container.label_names", f.container.name, std::move(slip.found), std::move(slip.next));
    if (!slips.empty() && is_strangers(seen, f) && !f.container.labels.contains(label::kScope)) continue;
    label_row(rows, f.container);
    if (!runs(f.container)) {
      add_row(rows, info, "container.delivery", f.container.name, "it does not run");
    } else if (delivery_row(rows, seen, f)) {
      mount_row(rows, f.container);
      drift_row(rows, config, seen, f);
      rotation_row(rows, seen, f);
    }
    append_rows(rows, doctor_rotation(config, f));
    append_rows(rows, doctor_signal(config, f));
  }
  return rows;
}

}  // namespace dso
