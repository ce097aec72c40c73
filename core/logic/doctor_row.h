// How the checks of `dso doctor` make their rows, so that each of them reads as one sentence of facts. Pure.
#pragma once
#include <string>
#include <string_view>

#include "base/error.h"
#include "model/doctor.h"

namespace dso {

/// The section is what stands before the dot of `check`.
DoctorRow doctor_row(DoctorLevel level, std::string_view check, std::string subject, std::string found, std::string next = {},
                     std::string_view fix = {});
void add_row(DoctorRows& rows, DoctorLevel level, std::string_view check, std::string_view subject, std::string found,
             std::string next = {});
void append_rows(DoctorRows& rows, DoctorRows more);

/// "AccessDenied: permission denied (403, as approle dso)": what failed and why; the next step is the row's own column.
std::string reason_of(Error error);
/// With a capital letter, for what is the end of a sentence elsewhere.
std::string sentence(std::string text);
/// "ok", "info", "warn", "error"
std::string_view level_name(DoctorLevel level);

}  // namespace dso
