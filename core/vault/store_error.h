// How the parts of the local store build their errors; they name the file, never a value.
#pragma once
#include <string>
#include <utility>

#include "base/error.h"

namespace dso::vault {

inline Error store_error(ErrorClass cls, std::string what, std::string cause, std::string next = {}) {
  Error e;
  e.cls = cls;
  e.what = std::move(what);
  e.cause = std::move(cause);
  e.next = std::move(next);
  return e;
}

}  // namespace dso::vault
