// A rotation as observed and as decided: the up to three containers that play in it, and its steps. Plain data.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace dso {

/// How a service changes over to a new container.
enum class Flow {
  swap,       ///< The candidate gets healthy, takes the names, the old one goes.
  relay,      ///< Ports or addresses cannot be had twice: a stand-in serves by a redirect while the final container starts.
  exclusive,  ///< Never two at once: the old one stops first, and comes back if the new one fails.
};

enum class MemberState {
  created,   ///< Not started yet.
  starting,  ///< Runs, not known to be good yet.
  healthy,
  failed,  ///< Unhealthy, late, or ended, whoever ended it.
};

/// One container of a rotation.
struct Member {
  std::string id;
  MemberState state = MemberState::created;
  bool running = false;  ///< Its process is there: true for some that `failed`.
  bool wanted = false;   ///< Its scope is the one to bring.
  bool aliased = false;  ///< It answers to the service's names in every network.
};

/// Everything that decides the next step.
struct RotationView {
  Flow flow = Flow::swap;
  bool back = false;                ///< The new value has failed here: bring the old container back.
  std::optional<Member> service;    ///< Has the service's name.
  std::optional<Member> candidate;  ///< <service>_dso_new, made by DSO.
  std::optional<Member> old;        ///< <service>_dso_old, set aside by this rotation.
  bool can_redirect = true;         ///< The host can, and there is something to redirect; always true for `relay`.
  bool redirected = false;          ///< Rules for this rotation are in the kernel.
  bool redirect_unsure = false;     ///< Only their note was found, which is written before them: they may be missing.
  bool resumed = false;             ///< Found by a start of the agent: only ends what was begun, begins nothing.
  bool stuck = false;               ///< Bringing the old container back has failed: what serves now goes on serving.
};

enum class StepKind {
  create_candidate,
  start_candidate,
  wait_candidate,
  alias_candidate,
  redirect_on,
  stop_service,  ///< Lets its requests end first (drain).
  remove_service,
  set_aside,       ///< service -> <service>_dso_old
  promote,         ///< candidate -> service
  create_service,  ///< The final container; going back: with the last good scope.
  start_service,
  wait_service,
  alias_service,
  redirect_off,
  stop_candidate,    ///< exclusive: it must not run beside the service.
  remove_candidate,  ///< Lets its requests end first.
  bring_back,        ///< <service>_dso_old -> service
  remove_old,
  done,    ///< Nothing left to do; `RotationView::service` runs the wanted scope.
  failed,  ///< Nothing left to do; the service is on the last good value, or nothing could be saved.
};
std::string_view step_name(StepKind kind);

struct RotationStep {
  StepKind kind = StepKind::done;
  std::string reason;
};

}  // namespace dso
