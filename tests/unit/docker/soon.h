// A deadline that a test means to keep.
#pragma once
#include "base/deadline.h"

namespace dso::test {

inline Deadline soon() {
  return Deadline::in(std::chrono::seconds(60));
}

}  // namespace dso::test
