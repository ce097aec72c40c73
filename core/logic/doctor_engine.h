// What `dso doctor` says of the engine: whether it answers, and what its version costs. Pure.
#pragma once
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "model/doctor.h"

namespace dso {

struct EngineFacts {
  std::string socket;          ///< Where it is asked.
  std::optional<Error> error;  ///< Why it does not answer; then nothing below counts.
  std::string version;         ///< "29.1.0"
  std::pair<int, int> api{};   ///< The one agreed on.
};
DoctorRows engine_checks(const EngineFacts& facts);

}  // namespace dso
