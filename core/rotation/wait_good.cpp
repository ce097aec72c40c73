// An engine probes for the first time after one whole interval, 30 s by default (start_interval exists from API 1.44 on, where
// the user set it): a success that DSO sees earlier counts, a failure is left to the engine and to the deadline.
#include "rotation/wait_good.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/memory_refused.h"
#include "base/pause.h"

namespace dso {
namespace {

constexpr std::chrono::milliseconds kFirstProbe{150}, kLongestPause{1000};
/// Below this the engine's own probes are quick enough.
constexpr std::chrono::milliseconds kQuick{1000};

std::vector<std::string> probe_command(const Healthcheck& check) {
  std::vector<std::string> out;
  if (!check.defined() || check.test.size() < 2) return out;
  if (check.test[0] == "CMD-SHELL") return {"/bin/sh", "-c", check.test[1]};
  return {check.test.begin() + 1, check.test.end()};
}

bool pause(std::chrono::milliseconds time, const std::stop_token& s) {
  pause_for(time, s);
  return !s.stop_requested();
}

/// True once the test has succeeded.
bool probe_until_good(const Engine& engine, const Container& c, std::chrono::milliseconds first, const Deadline& d,
                      const std::stop_token& s) {
  const auto command = probe_command(c.healthcheck);
  for (auto wait = first; pause(wait, s) && !d.passed(); wait = std::clamp(wait * 3 / 2, kFirstProbe, kLongestPause)) {
    auto code = engine.exec(c.id, command, d.capped(c.healthcheck.timeout), s);
    if (code.has_value() && *code == 0) return true;
  }
  return false;
}

bool worth_probing(const Healthcheck& check) {
  if (probe_command(check).empty()) return false;
  const auto first = check.start_interval.count() > 0 ? std::min(check.start_interval, check.interval) : check.interval;
  return first > kQuick;
}

}  // namespace

Result<void> wait_good(const Engine& engine, const Container& container, std::chrono::milliseconds stabilization,
                       const Deadline& d, std::stop_token s) {
  if (!worth_probing(container.healthcheck)) return wait_healthy(engine, container.id, stabilization, d, s);
  std::stop_source ended;
  std::stop_callback passed_on(s, [&] { ended.request_stop(); });
  std::atomic<bool> good = false;
  std::jthread prober([&](std::stop_token own) {
    unless_memory_is_refused("Reloader", "A probe of '" + container.name + "'", [&] {
      if (!probe_until_good(engine, container, kFirstProbe, d, own)) return;
      good = true;
      ended.request_stop();
    });
  });
  auto waited = wait_healthy(engine, container.id, stabilization, d, ended.get_token());
  prober.request_stop();
  prober.join();
  // A failure that the engine saw counts more than a success before it.
  if (good && (waited.has_value() || waited.error().cls == ErrorClass::interrupted)) return {};
  return waited;
}

Result<void> probe_good(const Engine& engine, const Container& container, const Deadline& d, std::stop_token s) {
  if (probe_command(container.healthcheck).empty()) return {};
  if (probe_until_good(engine, container, std::chrono::milliseconds(0), d, s)) return {};
  return make_error(s.stop_requested() ? ErrorClass::interrupted : ErrorClass::unhealthy,
                    "Failed to see container '" + container.name + "' healthy", "its healthcheck does not succeed any more");
}

}  // namespace dso
