// Every check of `dso doctor`, in the order in which its rows are shown. docs/doctor.md explains each one of them and no other
// (its test compares); the command line takes these words and their sections. An id is never given another meaning.
#pragma once
#include <string_view>

namespace dso {

inline constexpr std::string_view kDoctorChecks[] = {
    "engine.reach",
    "engine.version",
};

}  // namespace dso
