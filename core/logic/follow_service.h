// A `dso run` in the foreground whose `docker` has ended: whether that was the service's end, or a part of an update, and with
// which container the service goes on. Pure.
#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "model/container.h"

namespace dso {

struct FollowFacts {
  std::string scope;                ///< That of the container that `dso run` made.
  std::string followed;             ///< The id of the one that was attached last; empty: that first one.
  std::int64_t followed_start = 0;  ///< Its started_at_ms then; 0 with the first one: it had not ended before.
  std::vector<Container>
      containers;  ///< The service's, of any state: those whose label dso.scope is of any generation of `scope`.
  std::set<std::string> restarting;  ///< Ids that the agent notes to be in the middle of a restart.
};
struct FollowChoice {
  enum class Step {
    end,     ///< Its exit code is the service's.
    attach,  ///< The service goes on with `with`.
    wait,    ///< One is about to start.
  };
  Step step = Step::end;
  const Container* with = nullptr;  ///< Borrowed from the facts.
};
FollowChoice next_to_follow(const FollowFacts& facts);

}  // namespace dso
