// What to do in a Swarm now. A Swarm secret cannot change, and the engine hides a driver's errors behind an old value: so each
// version of the store gets a Swarm secret of its own ("db.2"), a service is moved to it by an update that Swarm itself rolls
// back where the tasks fail, and what nothing uses any more goes. The cluster is the only memory: any manager can go on from what
// it sees. Pure.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "model/swarm.h"

namespace dso {

struct SwarmStep {
  enum class Kind {
    create_secret,       ///< `secret`, of version `version`, beside `base`.
    update_service,      ///< Each of `moves` (secret id → secret id) in one update.
    note_version,        ///< The user's own `secret` gets the label that says which version its tasks are given from now on.
    mark_no_room,        ///< `secret` gets `mark` into its label: no node has room for a task of `service` with it.
    go_back,             ///< `service` gets the spec before: no node has room for its new task.
    give_settings_back,  ///< `service` gets its owner's update settings back.
    mark_refused,        ///< `secret` gets `mark` into its label: the tasks of `service` failed with it.
    remove_secret,
    wait,  ///< Nothing for this service but to look again.
    keep,  ///< Nothing at all, though the store has something newer.
  };
  Kind kind = Kind::wait;
  std::string service;  ///< Its name; empty where it is about no single one.
  std::string service_id;
  std::string secret, secret_id, base, version, mark;
  std::map<std::string, std::string> moves;
  std::string reason;
};

struct SwarmWish {
  /// What a Swarm secret stands for (its label dso.secret, else its name) → the store's version now. One that is missing could
  /// not be asked for: what uses it stays as it is.
  std::map<std::string, std::string> versions;
  /// Swarm secret's name → version that its tasks were last given, where no label said which.
  std::map<std::string, std::string> served;
  int max_parallel = 2;     ///< Services updated at once.
  std::int64_t now_ms = 0;  ///< Unix time, by which the engine dates its tasks.
};

/// Steps that can be done now, in any order; the next ones show when these are seen in the view.
std::vector<SwarmStep> plan_swarm(const SwarmView& view, const SwarmWish& wish);

/// What the driver is asked for when a task starts.
struct SwarmAsk {
  std::string reference;  ///< [provider/]name[#field]
  std::string version;    ///< Empty: the present one.
};
/// A service that opted in gets the version that its secret is bound to, whatever the store has by now: it is moved on by an
/// update, which can be rolled back. Any other gets what the store has when its task starts.
SwarmAsk swarm_ask(const std::string& secret_name, const std::map<std::string, std::string>& secret_labels,
                   const std::map<std::string, std::string>& service_labels);

/// The references that the services which opted in use: what the store has to be asked for.
std::vector<std::string> swarm_references(const SwarmView& view);

const char* step_name(SwarmStep::Kind kind);

/// What a Swarm secret stands for.
std::string swarm_reference(const SwarmSecret& secret);

}  // namespace dso
