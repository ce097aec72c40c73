// Work that waits, several pieces at once, its results handed out in order: for the requests of one provider. Knows no network.
#pragma once
#include <cstddef>
#include <functional>

#include "base/secret_bytes.h"

namespace dso {

/// Calls `work(i)` for each i < count, on up to `at_once` threads, and `give` on the calling one, with the results in order as
/// they come. A result waits for those before it, but nobody runs further ahead than twice `at_once`: results hold memory. False
/// from `give`: no further piece is begun; it returns once those under way have ended.
void in_order(std::size_t count, std::size_t at_once, const std::function<SecretBuffer(std::size_t)>& work,
              const std::function<bool(const SecretBuffer&)>& give);

}  // namespace dso
