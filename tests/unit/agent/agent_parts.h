// What the agent has around a store and an engine, put together as the agent does it; no thread of it runs yet.
#pragma once
#include "agent/boot.h"
#include "agent/untold.h"

namespace dso::test {

struct AgentParts {
  /// References must outlive this object.
  AgentParts(Sources& sources, TmpfsStore& store, const Engine& engine, int max_parallel)
      : redirects(store.paths().state_dir),
        ties(engine),
        reloader(sources, store, engine, redirects, asked_ends, ties, max_parallel),
        boot(sources, store, engine),
        mount(store, boot),
        untold(engine, store, reloader, mount) {}

  RedirectTable redirects;
  AskedEnds asked_ends;
  ContainerTies ties;
  Reloader reloader;
  Boot boot;
  MountWatch mount;
  Untold untold;
};

}  // namespace dso::test
