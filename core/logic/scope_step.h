// What comes next for one scope whose values are known: who is told, who waits, and whether its files may be written at all. The
// truth is what each process has: no live process sees a value before its turn, and nothing is delivered that nobody would be
// told of. Pure; agent/reconcile acts on it, after every look anew.
#pragma once
#include <cstdint>
#include <vector>

#include "logic/plan_rotation.h"

namespace dso {

enum class ScopeStep {
  nothing,  ///< Everybody has what the stores have.
  update,   ///< Write the files, then tell those of `in_place`. Where nobody runs that is all: their next start reads them.
  roll,     ///< Move those of `rolling` to the next generation, then update those of `in_place`, if there are any.
  refuse,   ///< Somebody's strategy cannot be done: then nothing changes under the others either.
  wait,     ///< For a paused container, or for one that just ended to come back.
  nobody,   ///< No container has it any more: left as it is, for `dso rollback`.
};

/// References must outlive it.
struct ScopeSituation {
  bool volume = false;   ///< Its files change live, whoever has it mounted.
  bool changed = false;  ///< Containers would be given something else than what lies there.
  bool asked = false;    ///< By somebody (`dso rotate`), who does not mean to wait.
  const std::vector<ContainerPlan>&in_place, &rolling, &later;  ///< Those that do not have it: told here, replaced, or paused.
  const std::vector<Container>& users;                          ///< All that have the scope, opted in.
  std::int64_t now_ms = 0;                                      ///< Unix time.
};

ScopeStep next_scope_step(const ScopeSituation& s);

/// So long after its end a container counts as one that does not run: `docker restart` shows nothing between its two halves.
inline constexpr std::int64_t kComesBackMs = 10'000;

}  // namespace dso
