// When a token is used, asked for again, or no longer good. Pure: the time is passed in.
#pragma once
#include <cstdint>

namespace azure {

struct TokenTimes {
  std::int64_t expires_at_ms = 0;  ///< 0: there is no token.
  std::int64_t refresh_at_ms = 0;
  std::int64_t last_try_ms = -1;  ///< When a refresh was last tried; -1: never.
};

/// From an answer: `expires_in` seconds count before `expires_on` (Unix seconds), since they need no common clock; 0: not said.
TokenTimes token_times(std::int64_t now_ms, std::int64_t expires_in, std::int64_t expires_on, std::int64_t refresh_in);

enum class TokenUse {
  keep,
  refresh,  ///< Ask for a new one; if that fails the present one is used on.
  need      ///< There is none, or it has expired.
};
/// Refresh at `refresh_at` (the issuer's wish, else 5 minutes before the end), tried at most every 30 seconds.
TokenUse token_use(const TokenTimes& times, std::int64_t now_ms);

/// How long to wait after the `failures`th refusal in a row of a VM's identity endpoint: at once, then 1.6 s doubling to 12.8 s,
/// and for 410 (it restarts, which takes up to 70 s) as long as that takes. -1: no need to hurry any more.
std::int64_t imds_pause_ms(int failures, int status);

}  // namespace azure
