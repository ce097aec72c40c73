// List, inspect, start. A container that does not start is tried a few times with growing waits, then left to people.
#include "agent/start_refused.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "base/log.h"
#include "logic/backoff.h"
#include "logic/mounted_scopes.h"
#include "logic/refused_starts.h"

namespace dso {
namespace {

constexpr int kMaxTries = 5;
constexpr std::chrono::seconds kFirstWait{5}, kLongestWait{60};

}  // namespace

Result<bool> RefusedStarts::start(std::chrono::milliseconds budget, std::stop_token stop) {
  const std::lock_guard lock(mutex_);
  const Deadline deadline = Deadline::in(budget);
  const std::string secrets_dir = store_.paths().secrets_dir();
  DSO_TRY(const auto stopped, engine_.list({{"status", {"exited"}}}, deadline, stop));
  bool done = true;
  std::set<std::string> seen;
  for (const Container& summary : stopped) {
    const auto scopes = mounted_scopes(summary, secrets_dir);
    const auto is_back = [&](const std::string& id) { return store_.read(id).has_value(); };
    if (!std::any_of(scopes.begin(), scopes.end(), is_back)) continue;  // the refill that brings it calls here again
    auto whole = engine_.look_at(summary.id, deadline, stop);
    if (whole.has_error() && engine_.passes_over(whole.error())) continue;
    if (whole.has_error()) return whole.error();
    if (!refused_for_its_secrets(*whole, secrets_dir)) continue;
    seen.insert(whole->id);
    const Tries& tries = tries_[whole->id];
    if (tries.count >= kMaxTries) continue;
    if (deadline.passed() || stop.stop_requested() || std::chrono::steady_clock::now() < tries.next ||
        !start_one(*whole, deadline, stop))
      done = done && tries.count >= kMaxTries;
  }
  std::erase_if(tries_, [&](const auto& entry) { return !seen.contains(entry.first); });
  return done;
}

bool RefusedStarts::start_one(const Container& c, const Deadline& deadline, std::stop_token stop) {
  const auto started = engine_.start(c.id, deadline, stop);
  if (started.has_value()) {
    log::info("Agent", "Started '" + c.name + "': its secrets are back");
    return true;
  }
  if (stop.stop_requested() || started.error().cls == ErrorClass::not_found) return true;
  Tries& tries = tries_[c.id];
  tries.next = std::chrono::steady_clock::now() + backoff_exponential(tries.count++, kFirstWait, kLongestWait);
  if (tries.count == 1)
    log::error("Agent", render(started.error()) + " The secrets of '" + c.name + "' are back, but it does not start");
  if (tries.count == kMaxTries)
    log::error("Agent", "'" + c.name + "' does not start, though its secrets are back: tried " + std::to_string(kMaxTries) +
                            " times. Start it by hand: docker start " + c.name);
  return false;
}

}  // namespace dso
