// Builds the errors of this folder, so that each names the peer and gives the system's reason in words. No I/O.
#pragma once
#include <string>
#include <system_error>

#include "base/error.h"

namespace dso {

inline Error net_error(ErrorClass cls, std::string what, std::string cause, std::string next = {}) {
  Error e;
  e.cls = cls;
  e.what = std::move(what);
  e.cause = std::move(cause);
  e.next = std::move(next);
  return e;
}

inline std::string errno_text(int error_number) { return std::generic_category().message(error_number); }

}  // namespace dso
