// A modelled Swarm for the planner's tests and the simulation at scale: services whose tasks move one by one to the spec, fail
// with bad versions, and are rolled back as Swarm does it. No time passes but by tick().
#pragma once
#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "logic/swarm_plan.h"
#include "model/container.h"

namespace dso::test {

class SwarmModel {
 public:
  SwarmView view;
  std::map<std::string, std::set<std::string>> bad;  ///< Reference → versions that make tasks fail.
  std::int64_t now_ms = 1'000'000;
  int updates = 0, created = 0, removed = 0, marked = 0;

  std::string add_secret(const std::string& name, const std::string& reference = {},
                         std::map<std::string, std::string> labels = {}) {
    SwarmSecret s;
    s.id = "s" + std::to_string(++ids_);
    s.name = name;
    s.driver = "dso";
    s.labels = std::move(labels);
    if (!reference.empty()) s.labels[label::kSwarmSecret] = reference;
    s.created_at_ms = ++now_ms;
    for (const SwarmSecret& o : view.secrets)
      if (o.name == name) throw std::runtime_error("a secret '" + name + "' exists");
    view.secrets.push_back(s);
    return s.id;
  }
  void add_service(const std::string& name, std::vector<std::string> secret_ids, int replicas, bool opted_in = true) {
    SwarmService s;
    s.id = "v-" + name;
    s.name = name;
    s.secret_ids = std::move(secret_ids);
    if (opted_in) s.labels[label::kReloader] = "true";
    view.services.push_back(s);
    for (int i = 0; i < replicas; ++i) view.tasks.push_back({s.id + "." + std::to_string(i), s.id, s.secret_ids});
  }
  SwarmService& service(const std::string& id) {
    for (SwarmService& s : view.services)
      if (s.id == id) return s;
    throw std::runtime_error("no service " + id);
  }
  SwarmSecret* secret(const std::string& id) {
    for (SwarmSecret& s : view.secrets)
      if (s.id == id) return &s;
    return nullptr;
  }

  void apply(const SwarmStep& step) {
    using Kind = SwarmStep::Kind;
    ++now_ms;
    if (step.kind == Kind::create_secret) {
      ++created;
      const SwarmSecret like = *secret(step.secret_id);
      auto labels = like.labels;
      labels[label::kSwarmBase] = step.base;
      labels[label::kSwarmVersion] = step.version;
      labels[label::kSwarmSecret] = swarm_reference(like);
      labels.erase(label::kSwarmRefused);
      add_secret(step.secret, {}, labels);
    }
    if (step.kind == Kind::note_version) secret(step.secret_id)->labels[label::kSwarmVersion] = step.version;
    if (step.kind == Kind::mark_refused || step.kind == Kind::mark_no_room) {
      ++marked;
      std::string& mark = secret(step.secret_id)->labels[label::kSwarmRefused];
      mark += (mark.empty() ? "" : ",") + step.mark;
    }
    if (step.kind == Kind::remove_secret) {
      ++removed;
      for (const SwarmService& s : view.services)
        if (contains(s.secret_ids, step.secret_id) || contains(s.secret_ids_before, step.secret_id))
          throw std::runtime_error("removed a secret that " + s.name + " uses, or goes back to");
      for (const SwarmTask& t : view.tasks)
        if (contains(t.secret_ids, step.secret_id)) throw std::runtime_error("removed a secret that task " + t.id + " uses");
      std::erase_if(view.secrets, [&](const SwarmSecret& s) { return s.id == step.secret_id; });
    }
    if (step.kind == Kind::update_service) {
      ++updates;
      SwarmService& s = service(step.service_id);
      if (!s.labels.contains(label::kReloader)) throw std::runtime_error("a service that did not opt in was updated");
      s.secret_ids_before = s.secret_ids;
      for (std::string& id : s.secret_ids)
        if (const auto move = step.moves.find(id); move != step.moves.end()) id = move->second;
      s.labels[label::kSwarmOwners] = "{}";
      s.update_state = "updating";
      s.update_started_ms = ++now_ms;
    }
    if (step.kind == Kind::go_back) {
      SwarmService& s = service(step.service_id);
      go_back(s);
      s.update_started_ms = ++now_ms;
    }
    if (step.kind == Kind::give_settings_back) {
      SwarmService& s = service(step.service_id);
      if (s.update_state == "updating") throw std::runtime_error("an update that is under way lost its failure action");
      s.labels.erase(label::kSwarmOwners);
      s.secret_ids_before = s.secret_ids;  // an update as any other
    }
  }

  /// Each service that is being updated moves one task, or is rolled back because that task fails.
  void tick(int tasks_a_service = 1) {
    ++now_ms;
    for (SwarmService& s : view.services) {
      if (s.update_state != "updating" && s.update_state != "rollback_started") continue;
      int left = tasks_a_service;
      bool all = true;
      for (SwarmTask& t : view.tasks) {
        if (t.service_id != s.id || t.secret_ids == s.secret_ids) continue;
        if (left-- == 0) {
          all = false;
          break;
        }
        t.secret_ids = s.secret_ids;
      }
      // Swarm hears of a failure when the tasks of the version before may all have ended.
      if (s.update_state == "updating" && fails(s.secret_ids) && (all || now_ms % 2 == 0)) {
        go_back(s);
        s.update_message = "update rolled back due to failure";
        continue;
      }
      if (all) s.update_state = s.update_state == "updating" ? "completed" : "rollback_completed";
    }
  }
  int updating() const {
    return static_cast<int>(std::count_if(view.services.begin(), view.services.end(), [](const SwarmService& s) {
      return s.update_state == "updating" || s.update_state == "rollback_started";
    }));
  }

 private:
  static void go_back(SwarmService& s) {
    s.secret_ids = std::exchange(s.secret_ids_before, {});
    s.labels.erase(label::kSwarmOwners);
    s.update_state = "rollback_started";
  }
  static bool contains(const std::vector<std::string>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
  }
  bool fails(const std::vector<std::string>& secret_ids) {
    return std::any_of(secret_ids.begin(), secret_ids.end(), [&](const std::string& id) {
      const SwarmSecret* s = secret(id);
      if (!s) throw std::runtime_error("a spec names a secret that is gone");
      const auto versions = bad.find(swarm_reference(*s));
      return versions != bad.end() && versions->second.contains(s->label_or(label::kSwarmVersion));
    });
  }
  int ids_ = 0;
};

}  // namespace dso::test
