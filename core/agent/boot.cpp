// Refill and start; each is safe to repeat.
#include "agent/boot.h"

#include <utility>

#include "agent/deliver.h"
#include "base/log.h"
#include "logic/volume_options.h"

namespace dso {

namespace {

constexpr std::chrono::seconds kStartBudget{20};

/// The one instance that a scope's secrets come from; "" where they come from several, and nobody can say which one failed.
std::string only_instance(const Scope& scope) {
  std::set<std::string> instances;
  for (const DeliveryItem& item : scope.items) instances.insert(item.secret.instance);
  return instances.size() == 1 ? *instances.begin() : "";
}

/// Errors of a store as a whole: its other secrets would fail the same way.
bool of_the_whole_store(ErrorClass cls) {
  return is_transient(cls) || cls == ErrorClass::invalid_credentials || cls == ErrorClass::credentials_unavailable ||
         cls == ErrorClass::tls || cls == ErrorClass::clock_skew || cls == ErrorClass::plugin;
}

}  // namespace

bool Boot::refill(std::chrono::milliseconds budget, std::stop_token stop) {
  const std::lock_guard lock(mutex_);
  const Deadline deadline = Deadline::in(budget);
  std::set<std::string> down, missing;
  std::size_t waiting = 0;
  for (const Scope& scope : store_.known_scopes()) {
    if (is_volume_scope(scope.id)) continue;  // the engine mounts it when it is wanted, and gets it then
    auto there = store_.read(scope.id);
    if (there.has_value() || there.error().cls != ErrorClass::not_found) continue;
    missing.insert(scope.id);
    const std::string instance = only_instance(scope);
    if (deadline.passed() || stop.stop_requested() || down.contains(instance)) {
      ++waiting;
      continue;
    }
    auto delivered = deliver_scope(scope, sources_, store_, deadline, stop);
    if (delivered.has_value()) {
      missing.erase(scope.id);
      log::info("Agent", "Secrets of '" + scope.service + "' are back on tmpfs");
    } else if (!stop.stop_requested()) {
      if (!instance.empty() && of_the_whole_store(delivered.error().cls)) down.insert(instance);
      report(scope, delivered.error());
    }
  }
  if (waiting > 0 && waiting != std::exchange(waiting_reported_, waiting))
    log::warn("Agent", std::to_string(waiting) + " more service(s) wait for their secrets to come back");
  std::erase_if(reported_, [&](const auto& entry) { return !missing.contains(entry.first); });
  return missing.empty();
}

void Boot::refill_used_volumes(std::stop_token stop) {
  const std::lock_guard lock(mutex_);
  for (const Scope& scope : store_.known_scopes()) {
    if (!is_volume_scope(scope.id) || stop.stop_requested()) continue;
    const auto there = store_.read(scope.id);
    if (there.has_value() || there.error().cls != ErrorClass::not_found) continue;
    const auto users = engine_.list_all({{"volume", {volume_of_scope(scope)}}, {"status", {"running", "paused"}}},
                                        Deadline::in(kStartBudget), stop);
    if (users.has_error() || users->empty()) continue;
    const auto delivered = deliver_scope(scope, sources_, store_, Deadline::in(kStartBudget), stop);
    if (delivered.has_value())
      log::info("Agent", "Secrets of '" + scope.service + "' are back on tmpfs");
    else if (!stop.stop_requested())
      report(scope, delivered.error());
  }
}

/// Once for each reason, however often it is tried.
void Boot::report(const Scope& scope, const Error& error) {
  auto [it, first] = reported_.try_emplace(scope.id, error.cls);
  if (!first && std::exchange(it->second, error.cls) == error.cls) return;
  log::error("Agent", render(error) + " Containers of '" + scope.service + "' cannot start until it is there; trying again");
}

bool Boot::start_refused(std::stop_token stop) {
  const auto done = refused_.start(kStartBudget, stop);
  return done.has_value() && *done;
}

}  // namespace dso
