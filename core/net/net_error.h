// The system's reasons in words, for the errors of this folder. No I/O.
#pragma once
#include <string>
#include <system_error>

#include "base/error.h"

namespace dso {

inline std::string errno_text(int error_number) {
  return std::generic_category().message(error_number);
}

}  // namespace dso
