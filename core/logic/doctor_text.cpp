// Rows at the end of a list, and the one rendering of errors without its last sentence.
#include "logic/doctor_text.h"

#include "logic/doctor_row.h"

namespace dso {

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

}  // namespace dso
