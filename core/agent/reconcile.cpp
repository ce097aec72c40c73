// Straight through: end what was interrupted, fetch, compare, choose, then roll or update in place. No lock is held over any of
// it but for the moments of writing (in_place_update, roll_scope); that there are not two of these for one scope is the
// reloader's to see to.
#include "agent/reconcile.h"

#include <algorithm>

#include "agent/amend_state.h"
#include "agent/deadlines.h"
#include "agent/in_place_update.h"
#include "agent/look_before_replacing.h"
#include "agent/roll_scope.h"
#include "base/clock.h"
#include "base/log.h"
#include "logic/given_digest.h"
#include "logic/given_names.h"
#include "logic/plan_delivery.h"
#include "logic/scope_step.h"
#include "logic/volume_options.h"

namespace dso {
namespace {

/// One scope, from what lies in it to what the stores have.
class Reconciliation {
 public:
  Reconciliation(const ReloadTools& tools, const std::string& scope_id, const ReconcileTry& how, std::stop_token stop)
      : tools_(tools), scope_id_(scope_id), how_(how), stop_(std::move(stop)) {}

  ReconcileResult run() {
    auto before = tools_.store.read(scope_id_);
    // Gone since: nothing is mounted from it any more.
    if (result_.gone = before.has_error() && before.error().cls == ErrorClass::not_found; before.has_error()) return result_;
    result_.service = before->scope.service;
    if (!before->restarting.empty()) {
      if (!end_restarts(tools_, *before, result_, stop_)) return result_;
      if (before = tools_.store.read(scope_id_); before.has_error()) return result_;
    }
    auto key = tools_.store.digest_key();
    if (key.has_error()) return tell(key.error(), "compare");
    if (!fetch(*before, key->reveal())) return result_;
    auto plan = plan_update(*before, fetched_, key->reveal());
    next_ = *before;
    next_.delivered = fetched_.delivered;
    changed_ = mark_changes(before->delivered, next_.delivered);
    const std::string content = content_of(next_.delivered);
    result_.held_back = was_refused(next_);
    if (result_.held_back) {
      note_held_back();
      return tell_what_lies_there(*before);
    }
    if (!how_.may_try(content)) return result_;
    result_.content = content;
    result_.changed = changed_;
    if (plan.has_error()) return tell(plan.error(), "deliver to");
    next_.given_names = given_names(*plan);
    if (changed_.empty()) note_unused_fields(*before);

    auto users = scope_users(tools_.engine, tools_.store, next_.scope, stop_);
    if (users.has_error()) return tell(users.error(), "look at the containers of");
    look_at_users(tools_.ties, tools_.sources.config(), next_, *users, stop_);
    return act(*before, *plan, *users);
  }

 private:
  bool fetch(const ScopeState& before, std::string_view digest_key) {
    auto origins = rotation_origins(tools_.sources.config(), tools_.engine, tools_.store, before, stop_);
    if (origins.has_error()) {
      tell(origins.error(), "look at the containers of");
      return false;
    }
    auto fetched = fetch_scope(before.scope, tools_.sources, kept_values(tools_.store, scope_id_, *origins), digest_key, *origins,
                               Deadline::in(kFetchDeadline), stop_);
    if (fetched.has_error()) {
      result_.error = fetched.error();
      result_.failed = result_.fetch_failed = true;
      return false;
    }
    result_.fetched = true;
    fetched_ = std::move(*fetched);
    return true;
  }

  /// The stores' value is held back. Who has not been told of the one that lies there, a container that was paused when it came
  /// back, is told of that all the same.
  ReconcileResult tell_what_lies_there(const ScopeState& before) {
    auto users = scope_users(tools_.engine, tools_.store, before.scope, stop_);
    auto values = tools_.store.values(scope_id_);
    if (users.has_error() || values.has_error()) return result_;
    next_ = before;
    fetched_.delivered = before.delivered;
    fetched_.values = std::move(*values);
    changed_.clear();
    look_at_users(tools_.ties, tools_.sources.config(), next_, *users, stop_);
    const auto plan = plan_of_values(before.scope, fetched_.values);
    const std::string content = content_of(next_.delivered);
    if (plan.has_error() || plan_rotation(tools_.sources.config(), next_, *users, unix_ms()).empty() || !how_.may_try(content))
      return result_;
    result_.content = content;
    return act(before, *plan, *users);
  }

  /// A new value of a field that nobody uses concerns nobody: the version is noted, so that the next poll finds nothing new.
  void note_unused_fields(const ScopeState& before) {
    std::vector<SecretKey> noted;
    for (const DeliveredSecret& now : next_.delivered)
      if (const DeliveredSecret* was = find_delivered(before.delivered, now.secret);
          was && (was->digest != now.digest || was->version != now.version || was->given != now.given)) {
        if (was->digest != now.digest) noted.push_back(now.secret);
        amend([&now](ScopeState& s) {
          for (DeliveredSecret& d : s.delivered)
            if (d.secret == now.secret && same_given(d, now)) d = now;
        });
      }
    if (!noted.empty())
      log::info("Reloader", "Nothing that '" + before.scope.service + "' is given of " + quoted_names(noted) +
                                " changed: noted, and nobody is touched");
  }

  /// The same for what is held back: it stays held back whatever happens to the fields that nobody uses.
  void note_held_back() {
    amend([this](ScopeState& s) {
      for (const DeliveredSecret& d : next_.delivered)
        if (const auto given = s.refused_given.find(applied_key(d.secret));
            given != s.refused_given.end() && given->second == d.given)
          s.refused[applied_key(d.secret)] = d.digest;
    });
  }

  void amend(const std::function<void(ScopeState&)>& change) {
    if (auto done = amend_state(tools_.store, scope_id_, change); done.has_error())
      log::warn("Reloader", "Cannot record the state of '" + scope_id_ + "': " + render(done.error()));
  }

  ReconcileResult act(const ScopeState& before, const DeliveryPlan& plan, const std::vector<Container>& users) {
    std::vector<ReloadTarget> in_place, rolling, later;
    for (ContainerPlan& each : plan_rotation(tools_.sources.config(), next_, users, unix_ms())) {
      if (each.waits) result_.later.push_back(each.container.name);
      (each.waits ? later : each.choice.type == Strategy::rolling ? rolling : in_place).push_back(std::move(each));
    }
    for (const Container& c : users)
      if (!has_process(c) && !in_restart_loop(c)) result_.not_there.push_back(c.name);
    const ScopeSituation situation{is_volume_scope(scope_id_),
                                   !changed_.empty(),
                                   how_.who == ReconcileFor::asked,
                                   in_place,
                                   rolling,
                                   later,
                                   users,
                                   unix_ms()};
    switch (next_scope_step(situation)) {
      case ScopeStep::nobody: result_.gone = true; return result_;
      case ScopeStep::wait: result_.content.clear(); return result_;
      case ScopeStep::refuse:
        (void)all_possible(in_place);
        (void)all_possible(rolling);
        return refuse(in_place, rolling);
      case ScopeStep::nothing: return result_;
      case ScopeStep::roll:
        result_.replaces = true;
        if (!how_.may_replace) return wait_for_place();
        forget_marks_of_others(users);
        return roll(before, plan, in_place, rolling);
      case ScopeStep::update: forget_marks_of_others(users); break;
    }
    update_in_place(tools_, {before, next_, changed_, fetched_, plan}, in_place, result_, stop_);
    return result_;
  }

  ReconcileResult roll(const ScopeState& before, const DeliveryPlan& plan, const std::vector<ReloadTarget>& in_place,
                       const std::vector<ReloadTarget>& rolling) {
    if (!roll_containers(tools_, before, fetched_, plan, rolling, stop_)) return fail();
    for (const ReloadTarget& t : rolling) result_.brought.push_back(t.container.name);
    if (!in_place.empty()) update_in_place(tools_, {before, next_, changed_, fetched_, plan}, in_place, result_, stop_);
    return result_;
  }

  void forget_marks_of_others(const std::vector<Container>& users) {
    const auto is_other = [&](const auto& entry) {
      return std::none_of(users.begin(), users.end(), [&](const Container& c) { return c.id == entry.first; });
    };
    std::erase_if(next_.applied, is_other);
    std::erase_if(next_.last_rotation, is_other);
    std::erase_if(next_.monitored, is_other);
  }

  ReconcileResult wait_for_place() {
    result_.needs_place = true;
    result_.content.clear();
    return result_;
  }
  ReconcileResult fail() {
    result_.failed = true;
    return result_;
  }
  ReconcileResult refuse(const std::vector<ReloadTarget>& in_place, const std::vector<ReloadTarget>& rolling) {
    for (const auto* targets : {&in_place, &rolling})
      for (const ReloadTarget& t : *targets)
        if (!t.choice.refusal.empty() && !result_.error)
          result_.error = make_error(ErrorClass::invalid_request, "", t.choice.refusal + " (" + t.choice.reason + ")");
    return fail();
  }
  ReconcileResult tell(const Error& e, std::string_view doing) {
    result_.error = e;
    if (!stop_.stop_requested())
      log::error("Reloader", "Cannot " + std::string(doing) + " '" + scope_id_ + "': " + render(e) +
                                 " The containers keep the last good secret");
    return fail();
  }

  const ReloadTools& tools_;
  const std::string& scope_id_;
  const ReconcileTry& how_;
  std::stop_token stop_;
  FetchedScope fetched_;
  ScopeState next_;
  std::vector<SecretKey> changed_;
  ReconcileResult result_;
};

}  // namespace

ReconcileResult reconcile_scope(const ReloadTools& tools, const std::string& scope_id, const ReconcileTry& how,
                                std::stop_token stop) {
  return Reconciliation(tools, scope_id, how, std::move(stop)).run();
}

}  // namespace dso
