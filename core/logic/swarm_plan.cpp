// For each service that opted in: the secret that it should use beside the one that it uses. Then what is left over.
#include "logic/swarm_plan.h"

#include <algorithm>
#include <set>

#include "logic/swarm_index.h"

namespace dso {
namespace {

using Kind = SwarmStep::Kind;

/// Says of a service that its new task found no room. That holds while it starts the new one first, and says nothing about the
/// value.
constexpr const char* kNoRoom = "@start-first";

bool is_marked(const SwarmSecret& secret, const std::string& mark) {
  const std::string all = "," + secret.label_or(label::kSwarmRefused) + ",";
  return all.find("," + mark + ",") != std::string::npos;
}

/// A task may wait so long for a node: what is about to end there makes room.
constexpr std::int64_t kRoomMs = 20'000;

bool rolled_back(const SwarmService& s) {
  return s.update_state.starts_with("rollback") || s.update_state == "paused";
}

SwarmStep about(const SwarmService& service, Kind kind, std::string reason) {
  SwarmStep s;
  s.kind = kind;
  s.service = service.name;
  s.service_id = service.id;
  s.reason = std::move(reason);
  return s;
}

/// `service` held `secret` back. `mark`: what the secret's label says of that.
SwarmStep held_back(const SwarmService& service, Kind kind, const SwarmSecret& secret, std::string mark, std::string reason) {
  SwarmStep s = about(service, kind, std::move(reason));
  s.secret = secret.name;
  s.secret_id = secret.id;
  s.base = base_of(secret);
  s.version = secret.label_or(label::kSwarmVersion);
  s.mark = std::move(mark);
  return s;
}

class Planner {
 public:
  Planner(const SwarmView& view, const SwarmWish& wish) : view_(view), wish_(wish), index_(view) {}

  std::vector<SwarmStep> plan() {
    for (const SwarmService& s : view_.services) busy_ += opted_in(s.labels) && !index_.settled(s);
    for (const SwarmService& s : view_.services)
      if (opted_in(s.labels)) plan_service(s);
    for (const SwarmSecret& s : view_.secrets)
      if (is_ours(s))
        plan_left_over(s);
      else if (is_driven(s))
        plan_users_own(s);
    return std::move(steps_);
  }

 private:
  /// Those of our making that its last update gave it.
  std::vector<const SwarmSecret*> given(const SwarmService& service) const {
    std::vector<const SwarmSecret*> out;
    const auto& before = service.secret_ids_before;
    if (before.empty()) return out;
    for (const std::string& id : service.secret_ids) {
      const auto found = index_.by_id.find(id);
      if (std::find(before.begin(), before.end(), id) == before.end() && found != index_.by_id.end() && is_ours(*found->second))
        out.push_back(found->second);
    }
    return out;
  }

  /// Its last update gave it a secret of ours, as start-first, and a task of that finds no node: the old ones serve meanwhile,
  /// and would for ever. Null: nothing of the kind.
  const SwarmTask* without_room(const SwarmService& service) const {
    if (service.update_state != "updating" || !service.start_first || given(service).empty()) return nullptr;
    const auto tasks = index_.tasks_of.find(service.id);
    if (tasks == index_.tasks_of.end()) return nullptr;
    const auto waits = std::find_if(tasks->second.begin(), tasks->second.end(), [&](const SwarmTask* t) {
      return !t->no_room.empty() && t->secret_ids == service.secret_ids && wish_.now_ms - t->created_at_ms >= kRoomMs;
    });
    return waits == tasks->second.end() ? nullptr : *waits;
  }

  /// Marked first: it would be updated again as soon as it has gone back.
  void plan_way_back(const SwarmService& service, const std::string& why) {
    bool all_marked = true;
    for (const SwarmSecret* secret : given(service)) {
      const std::string mark = service.id + kNoRoom;
      if (is_marked(*secret, mark)) continue;
      all_marked = false;
      steps_.push_back(held_back(service, Kind::mark_no_room, *secret, mark, why));
    }
    if (all_marked) steps_.push_back(about(service, Kind::go_back, why));
  }

  void plan_service(const SwarmService& service) {
    if (const SwarmTask* const task = without_room(service)) {
      plan_way_back(service, task->no_room);
      return;
    }
    std::map<std::string, std::string> moves;
    bool missing = false;
    std::string why;
    for (const std::string& id : service.secret_ids) {
      const auto found = index_.by_id.find(id);
      if (found == index_.by_id.end() || !is_driven(*found->second)) continue;
      const SwarmSecret& present = *found->second;
      const auto wanted = wish_.versions.find(swarm_reference(present));
      if (wanted == wish_.versions.end() || wanted->second.empty()) continue;
      if (version_of(present) == wanted->second || version_of(present).empty()) continue;
      const SwarmSecret* next = of_version(base_of(present), wanted->second);
      if (!next) {
        missing = true;
        create(present, wanted->second);
        continue;
      }
      if (is_marked(*next, service.id)) {
        steps_.push_back(about(service, Kind::keep,
                               "it went back from version " + wanted->second + " of '" + base_of(present) +
                                   "'; held back until the store has another one"));
        continue;
      }
      if (service.start_first && is_marked(*next, service.id + kNoRoom)) {
        steps_.push_back(about(service, Kind::keep,
                               "its new task found no room beside the old one for version " + wanted->second + " of '" +
                                   base_of(present) +
                                   "'; held back until it has the update order stop-first or the store has another one"));
        continue;
      }
      if (rolled_back(service) && service.update_started_ms >= next->created_at_ms) {
        steps_.push_back(held_back(service, Kind::mark_refused, *next, service.id, "Swarm went back: " + service.update_message));
        continue;
      }
      moves[id] = next->id;
      why += (why.empty() ? "" : ", ") + ("'" + base_of(present) + "' " + version_of(present) + " → " + wanted->second);
    }
    if (moves.empty() && !missing && service.labels.contains(label::kSwarmOwners) && index_.settled(service))
      steps_.push_back(about(service, Kind::give_settings_back, "its update is over"));
    if (moves.empty() || missing) return;  // several that changed are one update
    if (!index_.settled(service)) {
      steps_.push_back(about(service, Kind::wait, "the update before is not over"));
      return;
    }
    if (busy_ >= wish_.max_parallel) {
      steps_.push_back(about(service, Kind::wait, "max_parallel services are being updated"));
      return;
    }
    ++busy_;
    SwarmStep s = about(service, Kind::update_service, why);
    s.moves = std::move(moves);
    steps_.push_back(std::move(s));
  }

  /// The user's own secret is bound to a version once a service that opted in uses it: a task that starts again later, or after a
  /// rollback, gets what worked. Nobody uses it any more: who deploys again begins with the newest.
  void plan_users_own(const SwarmSecret& s) {
    const auto wanted = wish_.versions.find(swarm_reference(s));
    if (wanted == wish_.versions.end() || wanted->second.empty()) return;
    const std::string noted = s.label_or(label::kSwarmVersion);
    const auto served = wish_.served.find(s.name);
    if (noted.empty()) {
      if (!used_by_opted_in(s.id)) return;
      note(s, served == wish_.served.end() ? wanted->second : served->second, "what its tasks were given");
      return;
    }
    if (!view_.unread.empty()) return;  // who uses it is not known
    if (noted == wanted->second || index_.in_use(s.id)) return;
    // Proven by a service whose tasks all run with it; or there is none that could prove anything.
    bool proven = false, in_use = false;
    each_user(s.name, [&](const SwarmSecret& used, const SwarmService& service) {
      in_use = true;
      proven |= version_of(used) == wanted->second && index_.settled(service);
    });
    if (in_use && !proven) return;
    note(s, wanted->second, "no service uses it: one that is deployed again begins with the newest");
  }

  void note(const SwarmSecret& s, const std::string& version, std::string reason) {
    SwarmStep step;
    step.kind = Kind::note_version;
    step.secret = s.name;
    step.secret_id = s.id;
    step.version = version;
    step.reason = std::move(reason);
    steps_.push_back(std::move(step));
  }

  bool used_by_opted_in(const std::string& id) const {
    const auto users = index_.users.find(id);
    return users != index_.users.end() &&
           std::any_of(users->second.begin(), users->second.end(), [](const SwarmService* s) { return opted_in(s->labels); });
  }

  /// Each service that uses the user's own secret `base` or one that we made for it.
  template <class Visit>
  void each_user(const std::string& base, const Visit& visit) const {
    const auto family = index_.families.find(base);
    if (family == index_.families.end()) return;
    for (const SwarmSecret* s : family->second)
      if (const auto users = index_.users.find(s->id); users != index_.users.end())
        for (const SwarmService* service : users->second) visit(*s, *service);
  }

  /// Of our making, used by nobody, and no mark that is still needed.
  void plan_left_over(const SwarmSecret& s) {
    if (!view_.unread.empty()) return;  // who uses it is not known
    if (index_.in_use(s.id)) return;
    const auto wanted = wish_.versions.find(swarm_reference(s));
    if (wanted == wish_.versions.end()) return;  // nobody knows what is wanted
    if (wanted->second == version_of(s)) {
      bool base_left = false;
      each_user(base_of(s), [&](const SwarmSecret&, const SwarmService&) { base_left = true; });
      if (base_left) return;  // somebody is about to move to it, or it keeps the mark
    }
    SwarmStep step;
    step.kind = Kind::remove_secret;
    step.secret = s.name;
    step.secret_id = s.id;
    step.base = base_of(s);
    step.reason = "no service and no task uses it any more, and none can go back to it";
    steps_.push_back(std::move(step));
  }

  void create(const SwarmSecret& present, const std::string& version) {
    const std::string base = base_of(present);
    if (!created_.insert({base, version}).second) return;
    SwarmStep s;
    s.kind = Kind::create_secret;
    s.secret = index_.next_name(base);
    s.base = base;
    s.secret_id = present.id;
    s.version = version;
    s.reason = "the store has version " + version + " of '" + swarm_reference(present) + "'";
    steps_.push_back(std::move(s));
  }

  static std::string version_of(const SwarmSecret& s) { return s.label_or(label::kSwarmVersion); }

  const SwarmSecret* of_version(const std::string& base, const std::string& version) const {
    const auto all = index_.by_base.find(base);
    if (all == index_.by_base.end()) return nullptr;
    for (const SwarmSecret* s : all->second)
      if (s->label_or(label::kSwarmVersion) == version) return s;
    return nullptr;
  }

  const SwarmView& view_;
  const SwarmWish& wish_;
  const SwarmIndex index_;
  int busy_ = 0;
  std::set<std::pair<std::string, std::string>> created_;
  std::vector<SwarmStep> steps_;
};

}  // namespace

std::string swarm_reference(const SwarmSecret& secret) {
  return secret.label_or(label::kSwarmSecret, secret.label_or(label::kSwarmBase, secret.name));
}

SwarmAsk swarm_ask(const std::string& secret_name, const std::map<std::string, std::string>& secret_labels,
                   const std::map<std::string, std::string>& service_labels) {
  SwarmSecret s;
  s.name = secret_name;
  s.labels = secret_labels;
  return {swarm_reference(s), opted_in(service_labels) ? s.label_or(label::kSwarmVersion) : std::string()};
}

std::vector<std::string> swarm_references(const SwarmView& view) {
  const SwarmIndex index(view);
  std::set<std::string> out;
  for (const SwarmService& service : view.services) {
    if (!opted_in(service.labels)) continue;
    for (const SwarmSecret* secret : index.driven_of(service)) out.insert(swarm_reference(*secret));
  }
  // what is left over is judged by its store too
  for (const SwarmSecret& s : view.secrets)
    if (is_ours(s)) out.insert(swarm_reference(s));
  return {out.begin(), out.end()};
}

std::vector<SwarmStep> plan_swarm(const SwarmView& view, const SwarmWish& wish) {
  return Planner(view, wish).plan();
}

const char* step_name(Kind kind) {
  switch (kind) {
    case Kind::create_secret: return "create secret";
    case Kind::update_service: return "update service";
    case Kind::note_version: return "note version";
    case Kind::go_back: return "go back";
    case Kind::give_settings_back: return "give update settings back";
    case Kind::mark_no_room: return "mark no room";
    case Kind::mark_refused: return "mark refused";
    case Kind::remove_secret: return "remove secret";
    case Kind::wait: return "wait";
    case Kind::keep: return "keep";
  }
  return "";
}

}  // namespace dso
