// What the tests of the doctor's rows share: finding one, and its words.
#pragma once
#include <boost/test/unit_test.hpp>
#include <string>

#include "model/doctor.h"

namespace dso::test {

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
  constexpr const char* kLevels[] = {"ok", "info", "warn", "error"};
  BOOST_TEST(row.section == check.substr(0, check.find('.')));
  // who is told of a fault is told what to do
  if (row.level >= DoctorLevel::warn) BOOST_TEST(!row.next.empty());
  return std::string(kLevels[static_cast<int>(row.level)]) + ": " + row.found + (row.next.empty() ? "" : " | " + row.next);
}

}  // namespace dso::test
