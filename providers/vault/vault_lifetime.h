// How long a token or a lease still lives, and what is due: renew it, get another, or nothing. Pure arithmetic; the time is
// passed in and nobody is asked.
#pragma once
#include <cstdint>

namespace vault {

struct Lifetime {
  std::int64_t from_ms = 0;      ///< When it was got or last renewed.
  std::int64_t ttl_ms = 0;       ///< What it had left then; 0: it never ends.
  std::int64_t full_ms = 0;      ///< What getting a new one gives: the measure for a renewal that gives too little.
  bool renewable = false;        ///< Else it can only be replaced.
  int failures = 0;              ///< In a row, since then.
  std::int64_t retry_at_ms = 0;  ///< After a failure: not before.

  std::int64_t end_ms() const { return ttl_ms == 0 ? INT64_MAX : from_ms + ttl_ms; }
};

/// `seconds` as Vault says them; nonsense is taken for what it can mean at most.
Lifetime begun(std::int64_t now_ms, std::int64_t seconds, bool renewable);
Lifetime renewed(const Lifetime& life, std::int64_t now_ms, std::int64_t seconds, bool renewable);
/// Renewing or replacing it failed: the next try waits, twice as long each time, at most five minutes and well inside its life.
Lifetime failed(const Lifetime& life, std::int64_t now_ms);
/// It ends no later than that, whatever is renewed: a lease dies with the token that made it.
Lifetime capped(const Lifetime& life, std::int64_t end_ms);

enum class Due { nothing, renew, replace, over };
/// Renewal is due after two thirds of its life and a third of the grace (a tenth of a full life), which leaves time to try
/// again; in the grace, or when renewals give little, it is to be replaced while it still holds. `look_ms`: how long until
/// somebody asks again; what would be too late then is due now.
Due due(const Lifetime& life, std::int64_t now_ms, std::int64_t look_ms);

/// How far apart the questions come: the longest pause so far, ten minutes at most.
class Pace {
 public:
  void look(std::int64_t now_ms);
  std::int64_t longest_ms() const { return longest_; }

 private:
  std::int64_t last_ = 0, longest_ = 0;
};

}  // namespace vault
