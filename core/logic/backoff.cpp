// Doubling with a cap; the shift is bounded so that nothing overflows.
#include "logic/backoff.h"

#include <algorithm>

namespace dso {

std::chrono::milliseconds backoff_exponential(int attempt, std::chrono::milliseconds base, std::chrono::milliseconds cap) {
  for (int i = 0; i < std::clamp(attempt, 0, 40) && base < cap; ++i) base *= 2;
  return std::min(base, cap);
}

std::chrono::milliseconds backoff_full_jitter(int attempt, std::chrono::milliseconds base, std::chrono::milliseconds cap,
                                              double random) {
  const auto whole = backoff_exponential(attempt, base, cap);
  return std::chrono::milliseconds(static_cast<long long>(static_cast<double>(whole.count()) * std::clamp(random, 0.0, 1.0)));
}

}  // namespace dso
