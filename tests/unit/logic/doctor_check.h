// Asks rows of `dso doctor` by their check, for its unit tests.
#pragma once
#include <boost/test/unit_test.hpp>
#include <set>
#include <string>

#include "logic/doctor_checks.h"
#include "logic/doctor_row.h"

namespace dso {

/// "warn: a tmpfs …" of the one row of that check; "" where there is none. Whoever warns has to say what to do.
inline std::string found(const DoctorRows& rows, const std::string& check) {
  std::string out;
  for (const DoctorRow& r : rows) {
    BOOST_TEST((r.level < DoctorLevel::warn || !r.next.empty()), r.check << " has no next step: " << r.found);
    BOOST_TEST(r.check.starts_with(r.section + "."));
    BOOST_TEST((std::find(std::begin(kDoctorChecks), std::end(kDoctorChecks), r.check) != std::end(kDoctorChecks)),
               r.check << " is not in doctor_checks.h");
    if (r.check == check) out += (out.empty() ? "" : "\n") + std::string(level_name(r.level)) + ": " + r.found;
  }
  return out;
}
inline std::string level(const DoctorRows& rows, const std::string& check) {
  const std::string text = found(rows, check);
  return text.substr(0, text.find(':'));
}
inline std::string fix(const DoctorRows& rows, const std::string& check) {
  for (const DoctorRow& r : rows)
    if (r.check == check) return r.fix;
  return {};
}

/// The row of a check, of any subject; a made-up one of the check "none" where there is none.
inline DoctorRow row_of(const DoctorRows& rows, const std::string& check) {
  for (const DoctorRow& row : rows)
    if (row.check == check) return row;
  return {DoctorLevel::ok, "", "none", "", "", "", ""};
}
inline bool there(const DoctorRows& rows, const std::string& check) {
  return row_of(rows, check).check == check;
}
/// "warn: what was found | what to do next"
inline std::string said(const DoctorRows& rows, const std::string& check) {
  const DoctorRow row = row_of(rows, check);
  if (row.check != check) return "no row";
  BOOST_TEST(row.section == check.substr(0, check.find('.')));
  // who is told of a fault is told what to do
  if (row.level >= DoctorLevel::warn) BOOST_TEST(!row.next.empty());
  return std::string(level_name(row.level)) + ": " + row.found + (row.next.empty() ? "" : " | " + row.next);
}

}  // namespace dso
