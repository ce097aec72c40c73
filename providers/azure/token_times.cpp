// The windows of the Azure SDKs.
#include "token_times.h"

#include <algorithm>

namespace azure {
namespace {

constexpr std::int64_t kEarlyMs = 5 * 60'000, kTryEveryMs = 30'000;
constexpr std::int64_t kLongest = 30LL * 86400;  // no token lives longer; a larger number is nonsense
constexpr int kImdsTries = 5, kImdsGoneTries = 9;

}  // namespace

TokenTimes token_times(std::int64_t now_ms, std::int64_t expires_in, std::int64_t expires_on, std::int64_t refresh_in) {
  if (expires_in <= 0 && expires_on > 0) expires_in = expires_on - now_ms / 1000;
  expires_in = std::clamp<std::int64_t>(expires_in, 0, kLongest);
  TokenTimes out;
  out.expires_at_ms = now_ms + expires_in * 1000;
  out.refresh_at_ms = out.expires_at_ms - kEarlyMs;
  if (refresh_in > 0 && refresh_in < expires_in) out.refresh_at_ms = now_ms + refresh_in * 1000;
  out.last_try_ms = now_ms;  // a token of less than five minutes is not asked for again at once
  return out;
}

TokenUse token_use(const TokenTimes& times, std::int64_t now_ms) {
  if (times.expires_at_ms == 0 || now_ms >= times.expires_at_ms) return TokenUse::need;
  if (now_ms < times.refresh_at_ms) return TokenUse::keep;
  const bool lately = times.last_try_ms >= 0 && now_ms >= times.last_try_ms && now_ms - times.last_try_ms < kTryEveryMs;
  return lately ? TokenUse::keep : TokenUse::refresh;
}

std::int64_t imds_pause_ms(int failures, int status) {
  if (failures <= 1) return 0;
  if (failures > (status == 410 ? kImdsGoneTries : kImdsTries)) return -1;
  return 1600LL << std::min(failures - 2, 3);
}

}  // namespace azure
