// By what a rotation leaves to be seen: the successor is made before the predecessor is stopped.
#include "logic/follow_service.h"

namespace dso {
namespace {

bool is_alive(const Container& c) {
  return c.state == "running" || c.state == "paused" || c.state == "restarting";
}

}  // namespace

FollowChoice next_to_follow(const FollowFacts& facts) {
  using Step = FollowChoice::Step;
  FollowChoice out;
  bool soon = false;
  for (const Container& c : facts.containers) {
    const bool same = facts.followed.empty() ? c.label_or(label::kScope) == facts.scope : c.id == facts.followed;
    const bool noted = facts.restarting.contains(c.id);
    if (same && is_alive(c)) {
      const bool began_anew = facts.followed_start == 0 ? c.finished_at_ms > 0 : c.started_at_ms > facts.followed_start;
      // Docker was left while it runs (its detach keys), or the engine started it again by its own policy: as with `docker run`.
      if (!began_anew || (!noted && c.restart_count > 0)) return {};
    }
    if (is_alive(c) && c.state != "restarting") {
      if (!out.with || c.started_at_ms > out.with->started_at_ms) out.with = &c;
    } else if (c.state == "created" || c.state == "restarting" || noted) {
      soon = true;
    }
  }
  out.step = out.with ? Step::attach : soon ? Step::wait : Step::end;
  return out;
}

}  // namespace dso
