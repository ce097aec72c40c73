// State changes of the debouncer; no clock, no log.
#include "logic/debounce.h"

namespace dso {

Debouncer::Noted Debouncer::note(const SecretKey& key, const std::string& digest, Time now) {
  auto [it, fresh] = pending_.try_emplace(key, Pending{now, now, digest});
  if (fresh) return Noted::held;
  if (it->second.digest == digest) return Noted::known;
  it->second.digest = digest;
  it->second.last = now;
  return Noted::superseded;
}

bool Debouncer::forget(const SecretKey& key) {
  return pending_.erase(key) > 0;
}

std::vector<SecretKey> Debouncer::due_keys(Time now) const {
  std::vector<SecretKey> out;
  for (const auto& [key, p] : pending_)
    if (due(p) <= now) out.push_back(key);
  return out;
}

std::vector<SecretKey> Debouncer::take_due(Time now) {
  std::vector<SecretKey> out = due_keys(now);
  for (const SecretKey& key : out) pending_.erase(key);
  return out;
}

std::optional<Debouncer::Time> Debouncer::next_due() const {
  std::optional<Time> next;
  for (const auto& [key, p] : pending_)
    if (!next || due(p) < *next) next = due(p);
  return next;
}

std::optional<std::string> Debouncer::held(const SecretKey& key) const {
  auto it = pending_.find(key);
  if (it == pending_.end()) return std::nullopt;
  return it->second.digest;
}

}  // namespace dso
