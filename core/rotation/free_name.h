// The engine gives a container's name back a moment after it has removed the container (--rm, or somebody's `docker rm`): until
// then nobody is listed under the name, and nobody can have it.
#pragma once
#include <stop_token>
#include <string>

#include "base/pause.h"
#include "docker/engine.h"

namespace dso {

/// Nobody is listed under `name`, or one that is being removed.
bool is_about_to_be_free(const Engine& engine, const std::string& name, const Deadline& deadline, std::stop_token stop);

/// `take()`, a create or a rename, until the name is free; its last answer where that does not come to be. One whose name
/// somebody has is answered at once.
template <class Take>
auto once_name_is_free(const Engine& engine, const std::string& name, std::stop_token stop, const Take& take)
    -> decltype(take()) {
  constexpr std::chrono::seconds kPatience{20};  // a removal takes its volumes and its layer along
  constexpr std::chrono::milliseconds kAgain{50};
  for (const Deadline late = Deadline::in(kPatience);;) {
    auto done = take();
    const bool taken = done.has_error() && done.error().store_code == "409";
    if (!taken || late.passed() || stop.stop_requested() || !is_about_to_be_free(engine, name, late, stop)) return done;
    pause_for(kAgain, stop);
  }
}

}  // namespace dso
