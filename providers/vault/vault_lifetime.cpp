// The arithmetic of renewals.
#include "vault_lifetime.h"

#include <algorithm>

namespace vault {
namespace {

constexpr std::int64_t kMaxSeconds = 10LL * 365 * 86400;
constexpr std::int64_t kFirstRetryMs = 10'000, kLongestRetryMs = 300'000;
constexpr std::int64_t kLongestPaceMs = 600'000;

std::int64_t milliseconds(std::int64_t seconds) {
  return std::clamp<std::int64_t>(seconds, 0, kMaxSeconds) * 1000;
}
std::int64_t grace(const Lifetime& life) {
  return life.full_ms / 10;
}

}  // namespace

Lifetime begun(std::int64_t now_ms, std::int64_t seconds, bool renewable) {
  const std::int64_t ttl = milliseconds(seconds);
  return {.from_ms = now_ms, .ttl_ms = ttl, .full_ms = ttl, .renewable = renewable};
}

Lifetime renewed(const Lifetime& life, std::int64_t now_ms, std::int64_t seconds, bool renewable) {
  Lifetime out = begun(now_ms, seconds, renewable);
  out.full_ms = std::max(out.full_ms, life.full_ms);
  return out;
}

Lifetime failed(const Lifetime& life, std::int64_t now_ms) {
  Lifetime out = life;
  const std::int64_t wait = std::min(kFirstRetryMs << std::min(life.failures, 10), kLongestRetryMs);
  const std::int64_t left = life.ttl_ms == 0 ? kLongestRetryMs : std::max<std::int64_t>(life.end_ms() - now_ms, 0);
  out.failures = life.failures + 1;
  out.retry_at_ms = now_ms + std::min(wait, left / 2);
  return out;
}

Lifetime capped(const Lifetime& life, std::int64_t end_ms) {
  if (life.end_ms() <= end_ms) return life;
  Lifetime out = life;
  out.ttl_ms = std::max<std::int64_t>(end_ms - life.from_ms, 1);
  out.full_ms = std::min(out.full_ms ? out.full_ms : out.ttl_ms, out.ttl_ms);
  out.renewable = false;
  return out;
}

Due due(const Lifetime& life, std::int64_t now_ms, std::int64_t look_ms) {
  if (life.ttl_ms == 0) return Due::nothing;
  const std::int64_t end = life.end_ms();
  if (now_ms >= end) return Due::over;
  if (now_ms < life.retry_at_ms) return Due::nothing;
  const bool renewals_give_little = life.ttl_ms < life.full_ms / 2;
  if (renewals_give_little || end - now_ms <= grace(life)) return Due::replace;
  const std::int64_t at = life.from_ms + (2 * life.ttl_ms + grace(life)) / 3;
  if (now_ms < at && now_ms + look_ms < end - grace(life)) return Due::nothing;
  return life.renewable ? Due::renew : Due::replace;
}

void Pace::look(std::int64_t now_ms) {
  if (last_ != 0) longest_ = std::clamp(now_ms - last_, longest_, kLongestPaceMs);
  last_ = now_ms;
}

}  // namespace vault
