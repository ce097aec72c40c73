// Cutting a list of secrets into the pieces that a store is asked for at once.
#pragma once
#include <algorithm>
#include <span>
#include <vector>

#include "logic/poll_rounds.h"

namespace dso {

/// The next `count` of them, or what is left.
template <class T>
std::span<const T> piece_of(const std::vector<T>& all, std::size_t at, std::size_t count) {
  return std::span(all).subspan(at, std::min(count, all.size() - at));
}

}  // namespace dso
