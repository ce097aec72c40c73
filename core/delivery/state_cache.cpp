// Stamps are taken before a read: what changes meanwhile makes the next question a miss.
#include "delivery/state_cache.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/unique_fd.h"
#include "delivery/scope_folder.h"

namespace dso::delivery {
namespace {

/// More than the longest tick by which a kernel dates files (10 ms).
constexpr std::chrono::milliseconds kSettle{50};

/// Everything that a write to a scope changes: its state, and the folders in which it switches a link; and what it never changes.
/// Not the scope's own folder: whatever comes and goes there does so with its state.
std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names = {kState};
  const UniqueFd at(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!at) return names;
  for (std::string& name : mounted_folders(at.get())) {
    names.push_back(name + "/..data/.");  // in the generation itself, where only somebody's hand does anything
    names.push_back(std::move(name));
  }
  return names;
}

}  // namespace

std::vector<StateCache::Stamp> StateCache::stamps_of(const std::string& folder, const std::vector<std::string>& names) {
  std::vector<Stamp> out;
  out.reserve(names.size());
  std::string path = folder + "/";
  for (const std::string& name : names) {
    path.resize(folder.size() + 1);
    path += name;
    struct stat st {};
    // What is not there has a stamp as well: it may come.
    if (lstat(path.c_str(), &st) != 0) st = {};
    out.push_back({st.st_ino, static_cast<std::int64_t>(st.st_ctim.tv_sec) * 1'000'000'000 + st.st_ctim.tv_nsec});
  }
  return out;
}

template <class T>
std::shared_ptr<const T> StateCache::valid(const Kept<T>& kept, const std::string& folder) const {
  return kept.settled && kept.stamps == stamps_of(folder, kept.names) ? kept.value : nullptr;
}

template <class T>
// NOLINTNEXTLINE(performance-unnecessary-value-param): they are moved below
void StateCache::keep(Kept<T>& kept, std::vector<std::string> names, std::vector<Stamp> stamps, Time now,
                      std::shared_ptr<const T> value) {
  ++reads_;
  const bool same = kept.names == names && kept.stamps == stamps;
  if (!same) kept.first_read = now;
  kept.settled = same && now - kept.first_read >= kSettle;
  kept.names = std::move(names);
  kept.stamps = std::move(stamps);
  kept.value = std::move(value);
}

Result<std::shared_ptr<const ScopeState>> StateCache::state(const std::string& id, const std::string& folder, Time now,
                                                            const std::function<Result<ScopeState>()>& read) {
  {
    const std::lock_guard lock(mutex_);
    if (auto it = states_.find(id); it != states_.end())
      if (auto value = valid(it->second, folder)) return value;
  }
  std::vector<std::string> names = names_in(folder);
  std::vector<Stamp> stamps = stamps_of(folder, names);
  auto value = read();  // without the lock: it may wait for a writer
  const std::lock_guard lock(mutex_);
  if (value.has_error()) {
    states_.erase(id);
    return value.error();
  }
  auto shared = std::make_shared<const ScopeState>(std::move(*value));
  keep(states_[id], std::move(names), std::move(stamps), now, shared);
  return shared;
}

std::shared_ptr<const std::vector<Scope>> StateCache::scopes(const std::string& folder, Time now,
                                                             const std::function<std::vector<Scope>()>& read) {
  {
    const std::lock_guard lock(mutex_);
    if (auto value = valid(scopes_, folder)) return value;
  }
  std::vector<std::string> names = {"."};  // each file comes and goes by a rename, which changes the folder
  std::vector<Stamp> stamps = stamps_of(folder, names);
  auto value = std::make_shared<const std::vector<Scope>>(read());
  const std::lock_guard lock(mutex_);
  keep(scopes_, std::move(names), std::move(stamps), now, value);
  return value;
}

void StateCache::keep_only(const std::set<std::string>& ids) {
  const std::lock_guard lock(mutex_);
  std::erase_if(states_, [&](const auto& entry) { return !ids.contains(entry.first); });
}

std::size_t StateCache::reads() const {
  const std::lock_guard lock(mutex_);
  return reads_;
}

}  // namespace dso::delivery
