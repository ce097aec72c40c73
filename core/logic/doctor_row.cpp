// One place for every row, so that sections and texts are made alike.
#include "logic/doctor_row.h"

#include <utility>

namespace dso {

DoctorRow doctor_row(DoctorLevel level, std::string_view check, std::string subject, std::string found, std::string next,
                     std::string_view fix) {
  return {level,
          std::string(check.substr(0, check.find('.'))),
          std::string(check),
          std::move(subject),
          std::move(found),
          std::move(next),
          std::string(fix)};
}

std::string_view level_name(DoctorLevel level) {
  constexpr std::string_view kNames[] = {"ok", "info", "warn", "error"};
  return kNames[static_cast<int>(level)];
}

}  // namespace dso
