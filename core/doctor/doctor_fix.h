// The repairs that `dso doctor --fix` may do: only what is safe, on what a row names, and only if it is still so when it is done.
#pragma once
#include <string>

#include "base/result.h"
#include "model/doctor.h"

namespace dso {

/// What the repair of this row is, as the command that a person would run ("chmod go-rwx /etc/dso/store/store.key"); "" for none.
std::string fix_text(const DoctorRow& row);
Result<void> do_fix(const DoctorRow& row);

}  // namespace dso
