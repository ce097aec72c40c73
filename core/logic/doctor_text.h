// How the checks of stores and containers write their rows. Pure.
#pragma once
#include <string>
#include <string_view>

#include "base/error.h"
#include "model/doctor.h"

namespace dso {

void add_row(DoctorRows& rows, DoctorLevel level, std::string_view check, std::string_view subject, std::string found,
             std::string next = {});
void append_rows(DoctorRows& rows, DoctorRows more);
/// "AccessDenied: permission denied (403, as approle dso)": what failed and why; the next step is the row's own column.
std::string reason_of(Error error);
/// With a capital letter, for what is the end of a sentence elsewhere.
std::string sentence(std::string text);

}  // namespace dso
