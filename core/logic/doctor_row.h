// How the checks of `dso doctor` make their rows, so that each of them reads as one sentence of facts. Pure.
#pragma once
#include <string>
#include <string_view>

#include "model/doctor.h"

namespace dso {

/// The section is what stands before the dot of `check`.
DoctorRow doctor_row(DoctorLevel level, std::string_view check, std::string subject, std::string found, std::string next = {},
                     std::string_view fix = {});
/// "ok", "info", "warn", "error"
std::string_view level_name(DoctorLevel level);

}  // namespace dso
