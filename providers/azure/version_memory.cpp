// The decisions.
#include "version_memory.h"

namespace azure {
namespace {

constexpr std::int64_t kSettledAfterS = 5;  // the list may lag a little behind a write
constexpr std::int64_t kVerifyMs = 3600 * 1000;
constexpr std::int64_t kVerifyFixedMs = 600 * 1000;

}  // namespace

const KnownVersion* VersionMemory::find(const std::string& name) const {
  const auto found = known_.find(name);
  return found == known_.end() ? nullptr : &found->second;
}

bool VersionMemory::must_read(const std::string& name, std::int64_t listed_updated_s, std::int64_t now_ms, int& overdue) const {
  const KnownVersion* known = find(name);
  if (!known || known->updated_s != listed_updated_s) return true;
  if (known->read_at_s < known->updated_s + kSettledAfterS) return true;
  if (now_ms >= known->read_at_ms && now_ms - known->read_at_ms < kVerifyMs) return false;
  return overdue > 0 && overdue-- > 0;
}

bool VersionMemory::must_read_fixed(const std::string& name, std::int64_t now_ms) const {
  const KnownVersion* known = find(name);
  return !known || now_ms < known->read_at_ms || now_ms - known->read_at_ms >= kVerifyFixedMs;
}

bool list_pays(std::size_t secrets, std::size_t pages) {
  return secrets > 1 && pages < secrets;
}

}  // namespace azure
