// Built once a plan: a Swarm may have thousands of each.
#include "logic/swarm_index.h"

#include <algorithm>
#include <charconv>

#include "model/container.h"

namespace dso {
namespace {

constexpr const char* kDriver = "dso";
constexpr std::size_t kLongestName = 64;

/// The number at the end of "db.7", with its stem in `stem`; 0: none.
long number_of(const std::string& name, std::string& stem) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos) return 0;
  long n = 0;
  const auto [end, bad] = std::from_chars(name.data() + dot + 1, name.data() + name.size(), n);
  if (bad != std::errc() || end != name.data() + name.size()) return 0;
  stem = name.substr(0, dot + 1);
  return n;
}

}  // namespace

SwarmIndex::SwarmIndex(const SwarmView& view) {
  for (const SwarmSecret& s : view.secrets) {
    by_id[s.id] = &s;
    std::string stem;
    if (const long n = number_of(s.name, stem); n > 0) highest_[stem] = std::max(highest_[stem], n);
    if (is_ours(s)) by_base[base_of(s)].push_back(&s);
    families[base_of(s)].push_back(&s);
  }
  for (const SwarmService& s : view.services) {
    for (const std::string& id : s.secret_ids) users[id].push_back(&s);
    gone_back_to.insert(s.secret_ids_before.begin(), s.secret_ids_before.end());
  }
  for (const SwarmTask& t : view.tasks) {
    tasks_of[t.service_id].push_back(&t);
    used_by_tasks.insert(t.secret_ids.begin(), t.secret_ids.end());
  }
}

std::vector<const SwarmSecret*> SwarmIndex::driven_of(const SwarmService& service) const {
  std::vector<const SwarmSecret*> out;
  for (const std::string& id : service.secret_ids)
    if (const auto found = by_id.find(id); found != by_id.end() && is_driven(*found->second)) out.push_back(found->second);
  return out;
}

bool SwarmIndex::in_use(const std::string& secret_id) const {
  return users.contains(secret_id) || used_by_tasks.contains(secret_id) || gone_back_to.contains(secret_id);
}

long SwarmIndex::task_count(const SwarmService& service) const {
  const auto tasks = tasks_of.find(service.id);
  return tasks == tasks_of.end() ? 0 : static_cast<long>(tasks->second.size());
}

std::string SwarmIndex::next_name(const std::string& base) const {
  const std::string stem = base.substr(0, kLongestName - 8) + ".";
  const auto found = highest_.find(stem);
  return stem + std::to_string(found == highest_.end() ? 2 : found->second + 1);
}

bool SwarmIndex::settled(const SwarmService& service) const {
  if (service.update_state == "updating" || service.update_state == "rollback_started") return false;
  const auto tasks = tasks_of.find(service.id);
  if (tasks == tasks_of.end()) return true;
  const std::set<std::string> wanted(service.secret_ids.begin(), service.secret_ids.end());
  return std::all_of(tasks->second.begin(), tasks->second.end(), [&](const SwarmTask* t) {
    return t->secret_ids == service.secret_ids || std::set<std::string>(t->secret_ids.begin(), t->secret_ids.end()) == wanted;
  });
}

bool is_driven(const SwarmSecret& secret) {
  // a managed plugin is named as an image is: registry/dso:1.0
  const std::string& driver = secret.driver;
  const std::size_t slash = driver.rfind('/'), from = slash == std::string::npos ? 0 : slash + 1;
  if (driver.empty()) return false;
  // an alias says nothing; labels that mean something to us do, and so does whom the engine asks
  return secret.asked_of_us || secret.labels.contains(label::kSwarmSecret) || secret.labels.contains(label::kSwarmField) ||
         driver.substr(from, driver.find(':', from) - from) == kDriver;
}
bool is_ours(const SwarmSecret& secret) {
  return is_driven(secret) && secret.labels.contains(label::kSwarmBase);
}
std::string base_of(const SwarmSecret& secret) {
  return secret.label_or(label::kSwarmBase, secret.name);
}
bool opted_in(const std::map<std::string, std::string>& service_labels) {
  const auto it = service_labels.find(label::kReloader);
  return it != service_labels.end() && it->second == "true";
}

}  // namespace dso
