// One map under one lock, which is never held while the engine is asked.
#include "agent/known_containers.h"

#include <poll.h>

#include <algorithm>

#include "net/net_error.h"

namespace dso {
namespace {

/// A name that was changed is believed for as long, should the engine's events be away.
constexpr std::chrono::seconds kKept{5};
/// What does not exist may be made: an engine that starts knows its containers a moment later.
constexpr std::chrono::seconds kKeptStrange{2};
/// More than that is somebody who makes ids up, or writes books into labels.
constexpr std::size_t kMaxKnown = 2048, kMaxKnownBytes = 4 << 20;
constexpr int kQuestionsOfAUser = 4;

bool process_lives(const UniqueFd& process) {
  pollfd fd{process.get(), POLLIN, 0};
  return poll(&fd, 1, 0) == 0;
}

std::size_t bytes_of(const KnownContainers::Known& known) {
  std::size_t bytes = 0;
  if (known)
    for (const auto& [name, value] : known->container.labels) bytes += name.size() + value.size();
  return bytes;
}

}  // namespace

KnownContainers::Known KnownContainers::kept(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto it = entries_.find(id);
  return it != entries_.end() && it->second.until > Clock::now() ? living(it) : nullptr;
}

KnownContainers::Known KnownContainers::seen(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto it = entries_.find(id);
  return it != entries_.end() ? living(it) : nullptr;
}

KnownContainers::Known KnownContainers::living(Entries::iterator it) {
  if (!it->second.known || process_lives(it->second.known->process)) return it->second.known;
  entries_.erase(it);
  return nullptr;
}

KnownContainers::Is KnownContainers::what_is(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto it = entries_.find(id);
  return it == entries_.end() || it->second.until <= Clock::now() ? Is::unasked : it->second.is;
}

void KnownContainers::keep(Known known) {
  if (bytes_of(known) > kMaxKnownBytes) return;  // asked for each time
  const std::string id = known->id;
  put(id, {Clock::now() + kKept, std::move(known), Is::there});
}

void KnownContainers::keep(const std::string& id, Is is) {
  put(id, {Clock::now() + kKeptStrange, nullptr, is});
}

void KnownContainers::put(const std::string& id, Entry entry) {
  const std::lock_guard lock(mutex_);
  const Entry& there = entries_[id];
  if (there.known && !entry.known && entry.is == Is::there) return;  // it says less
  changes_ += entry.known != nullptr && (there.known == nullptr || there.known->pid != entry.known->pid);
  entries_[id] = std::move(entry);
  std::size_t bytes = 0;
  for (const auto& [other, e] : entries_) bytes += bytes_of(e.known);
  while (entries_.size() > kMaxKnown || bytes > kMaxKnownBytes) {
    const auto oldest = std::min_element(entries_.begin(), entries_.end(),
                                         [](const auto& a, const auto& b) { return a.second.until < b.second.until; });
    bytes -= bytes_of(oldest->second.known);
    entries_.erase(oldest);
  }
}

void KnownContainers::forget(const std::string& id) {
  const std::lock_guard lock(mutex_);
  entries_.erase(id);
}

void KnownContainers::forget_all() {
  const std::lock_guard lock(mutex_);
  entries_.clear();
}

Result<KnownContainers::Question> KnownContainers::begin(const std::string& id, unsigned uid, const Deadline& deadline,
                                                         const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const auto may = [&] {
    if (asking_.contains(id)) return false;
    const auto mine = asking_by_.find(uid);
    return uid == 0 || mine == asking_by_.end() || mine->second < kQuestionsOfAUser;
  };
  if (!asked_.wait_for(lock, stop, deadline.left(), may))
    return make_error(stop.stop_requested() ? ErrorClass::interrupted : ErrorClass::timeout, "Cannot tell who asks",
                      "the engine was asked about others for too long", "Ask again.");
  asking_.insert(id);
  ++asking_by_[uid];
  return Question(this, id, uid);
}

KnownContainers::Question::~Question() {
  if (!known_) return;
  {
    const std::lock_guard lock(known_->mutex_);
    known_->asking_.erase(id_);
    if (--known_->asking_by_[uid_] == 0) known_->asking_by_.erase(uid_);
  }
  known_->asked_.notify_all();
}

}  // namespace dso
