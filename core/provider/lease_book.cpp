// Bookkeeping alone; when to ask again is logic/poll_schedule's.
#include "provider/lease_book.h"

namespace dso {

void LeaseBook::note(const std::string& name, const std::optional<Lease>& lease, Time now) {
  std::lock_guard lock(mutex_);
  std::erase_if(kept_, [now](const auto& kept) { return kept.second <= now; });
  if (!lease || lease->id.empty()) {
    by_name_.erase(name);
    return;
  }
  const Time end = lease->duration.count() > 0 ? now + lease->duration : Time::max();
  by_name_.insert_or_assign(name, Entry{lease->id, end});
  if (const auto kept = kept_.find(lease->id); kept != kept_.end()) kept->second = end;
}

std::optional<std::chrono::milliseconds> LeaseBook::left(const std::string& name, Time now) const {
  std::lock_guard lock(mutex_);
  const auto found = by_name_.find(name);
  if (found == by_name_.end() || found->second.end == Time::max()) return std::nullopt;
  return std::max(std::chrono::duration_cast<std::chrono::milliseconds>(found->second.end - now), std::chrono::milliseconds(0));
}

void LeaseBook::keep(const std::string& name) {
  std::lock_guard lock(mutex_);
  if (const auto found = by_name_.find(name); found != by_name_.end())
    kept_.insert_or_assign(found->second.id, found->second.end);
}

bool LeaseBook::in_use(std::string_view lease_id) const {
  std::lock_guard lock(mutex_);
  return kept_.contains(lease_id);
}

}  // namespace dso
