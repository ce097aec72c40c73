// The topics of `dso doctor`, of one section or a few: each gathers its facts until its deadline and returns the rows that
// core/logic made of them. A topic never fails as a whole for one fact that it cannot have.
#pragma once
#include "base/deadline.h"
#include "doctor/doctor.h"

namespace dso {

/// Kernel, memory, disk, and DSO's own files.
DoctorRows host_rows(const DoctorScene& scene, const Deadline& d);
DoctorRows file_rows(const DoctorScene& scene, const Deadline& d);
DoctorRows agent_rows(const DoctorScene& scene, const Deadline& d);
DoctorRows engine_rows(const DoctorScene& scene, const Deadline& d);
/// Of the sections store, secret and container: what a container should have is compared with what the stores have.
DoctorRows workload_rows(const DoctorScene& scene, const Deadline& d);

}  // namespace dso
