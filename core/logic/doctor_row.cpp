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

void add_row(DoctorRows& rows, DoctorLevel level, std::string_view check, std::string_view subject, std::string found,
             std::string next) {
  rows.push_back(doctor_row(level, check, std::string(subject), std::move(found), std::move(next)));
}

void append_rows(DoctorRows& rows, DoctorRows more) {
  for (DoctorRow& row : more) rows.push_back(std::move(row));
}

std::string reason_of(Error error) {
  error.next.clear();
  return render(error);
}

std::string sentence(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

std::string_view level_name(DoctorLevel level) {
  constexpr std::string_view kNames[] = {"ok", "info", "warn", "error"};
  return kNames[static_cast<int>(level)];
}

}  // namespace dso
