// A container's ties are in its inspect alone.
#include "agent/container_ties.h"

#include <utility>

#include "logic/dependents.h"

namespace dso {

Result<void> ContainerTies::look_at(const std::set<std::string>& ids, const Deadline& deadline, const std::stop_token& stop) {
  for (const std::string& id : ids) {
    tied_.erase(id);
    auto c = engine_.look_at(id, deadline, stop);
    if (c.has_error() && engine_.passes_over(c.error())) {  // gone, or nobody can read it: it is not known to stand on anybody
      if (c.error().cls != ErrorClass::not_found) changed_.happened_to(id);
      continue;
    }
    if (c.has_error()) return c.error();
    if (has_ties(*c)) tied_.insert_or_assign(id, std::move(*c));
  }
  return {};
}

Result<std::vector<Dependent>> ContainerTies::dependents_of(const Container& container, const Deadline& deadline,
                                                            std::stop_token stop) {
  const std::lock_guard asking(asking_);
  auto [ids, whole] = changed_.take();
  auto asked = Result<void>();
  if (whole) {
    tied_.clear();
    const auto all = engine_.list({{"status", {"running", "paused", "restarting"}}}, deadline, stop);
    if (all.has_error()) asked = all.error();
    if (all.has_value())
      for (const Container& c : *all) ids.insert(c.id);
  }
  if (asked.has_value()) asked = look_at(ids, deadline, stop);
  if (asked.has_error()) {
    changed_.look_failed();
    return asked.error();
  }
  std::vector<Container> tied;
  for (const auto& [id, c] : tied_) tied.push_back(c);
  return dso::dependents_of(container, tied);
}

Result<std::string> find_missing_host(const Engine& engine, const Container& container, const Deadline& deadline,
                                      std::stop_token stop) {
  for (const Host& host : hosts_of(container)) {
    const auto seen = engine.inspect(host.whom, deadline, stop);
    if (seen.has_error() && seen.error().cls != ErrorClass::not_found) return seen.error();
    if (std::string why = missing_host(host, seen.has_value() ? &*seen : nullptr); !why.empty()) return why;
  }
  return std::string();
}

}  // namespace dso
