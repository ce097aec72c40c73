// What `dso doctor` found: one row a check. Names and facts, never a value.
#pragma once
#include <string>
#include <vector>

namespace dso {

enum class DoctorLevel { ok, info, warn, error };

/// One check of one subject. `found` is what is there; `next` is what to do, empty only for ok and info.
struct DoctorRow {
  DoctorLevel level = DoctorLevel::ok;
  std::string section;  ///< "host", "agent", "engine", "store", "secret", "container": how rows are grouped
  std::string check;    ///< stable and documented, such as "store.permission"; troubleshooting and --format json use it
  std::string subject;  ///< whose: a secret, an instance, a container; empty for the host itself
  std::string found;
  std::string next;
  std::string fix;  ///< id of a safe repair that `--fix` may do, empty for none
};

using DoctorRows = std::vector<DoctorRow>;

}  // namespace dso
