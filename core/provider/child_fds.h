// Descriptors that a child gets by their numbers. For core/provider/*.cpp only.
#pragma once

namespace dso {

/// Our ends must not lie where the child's will be.
inline constexpr int kOutOfTheWay = 10;

}  // namespace dso
