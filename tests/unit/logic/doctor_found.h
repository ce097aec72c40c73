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

}  // namespace dso
