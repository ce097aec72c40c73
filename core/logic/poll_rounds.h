// How the watcher asks an instance's store: what poll_cost counts is what agent/watcher does. Data only.
#pragma once
#include <cstddef>

namespace dso {

/// Versions can look alike after a secret was deleted and made again: now and then the value itself is compared.
inline constexpr int kWholeCompareEvery = 10;
/// One question of many secrets. Forty values are two calls of AWS Secrets Manager, four of its parameters; a local store is
/// decrypted once for all of them. Not more, since the answers share one operation's time and size, and the values lie in locked
/// memory meanwhile.
inline constexpr std::size_t kFetchedAtOnce = 40, kVersionsAtOnce = 100;

}  // namespace dso
