// A watcher is ended without the lock: whoever wakes the others does not wait for it.
#include "agent/watchers.h"

#include <vector>

namespace dso {

void Watchers::stop(const std::set<std::string>& instances) {
  std::vector<std::unique_ptr<Watcher>> ending;
  {
    const std::lock_guard lock(mutex_);
    for (const std::string& name : instances)
      if (auto found = watchers_.extract(name)) ending.push_back(std::move(found.mapped()));
  }
}

void Watchers::start() {
  const std::lock_guard lock(mutex_);
  for (const ProviderInstance& instance : sources_.config().providers) {
    auto& watcher = watchers_[instance.name];
    if (watcher) continue;
    watcher = std::make_unique<Watcher>(instance, sources_, store_, opted_in_, reloader_, untold_);
    watcher->start();
  }
}

void Watchers::wake() {
  const std::lock_guard lock(mutex_);
  for (auto& [name, watcher] : watchers_) watcher->wake();
}

std::size_t Watchers::count() const {
  const std::lock_guard lock(mutex_);
  return watchers_.size();
}

}  // namespace dso
