// Of the kernel, memory and disk of this host: /proc, and system calls tried out.
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <climits>
#include <cstdio>

#include "base/file.h"
#include "base/unique_fd.h"
#include "doctor/topics.h"
#include "logic/doctor_host.h"
#include "logic/doctor_row.h"
#include "logic/text.h"
#include "provider/landlock.h"

namespace dso {
namespace {

constexpr std::size_t kLargestProc = 4 * 1024 * 1024;

std::string text_of(const std::string& path) {
  auto text = read_text_file(path, kLargestProc);
  return text.has_value() ? std::string(trim(*text)) : std::string();
}

std::string link_of(const std::string& path) {
  char target[PATH_MAX];
  const ssize_t n = readlink(path.c_str(), target, sizeof target);
  return n > 0 ? std::string(target, static_cast<std::size_t>(n)) : std::string();
}

bool is_there(const std::string& path) {
  struct stat st {};
  return stat(path.c_str(), &st) == 0;
}

KernelFacts kernel_facts() {
  KernelFacts f;
  utsname name{};
  if (uname(&name) == 0) f.release = name.release;
  f.memfd_secret = static_cast<bool>(UniqueFd(static_cast<int>(syscall(SYS_memfd_secret, 0))));
  f.pidfd = static_cast<bool>(UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0))));
  f.landlock = landlock_abi();
  return f;
}

bool at_least(const std::string& release, int major, int minor) {
  int a = 0, b = 0;
  // NOLINTNEXTLINE(cert-err34-c): numbers of the kernel
  return std::sscanf(release.c_str(), "%d.%d", &a, &b) == 2 && std::pair{a, b} >= std::pair{major, minor};
}

/// "/proc/PID" of the running agent, "" if there is none.
std::string agent_proc(const DoctorScene& scene) {
  const auto& status = scene.agent.get();
  const auto* pid = status.has_value() ? status->if_contains("pid") : nullptr;
  return pid && pid->is_int64() ? "/proc/" + std::to_string(pid->as_int64()) : std::string();
}

MemoryFacts memory_facts(const DoctorScene& scene, const std::string& release) {
  MemoryFacts f;
  f.secrets_dir = scene.paths.run_paths().secrets_dir();
  f.there = is_there(f.secrets_dir);
  if (f.there) f.mount = mount_of(text_of("/proc/self/mountinfo"), f.secrets_dir);
  f.swap = swap_disks(text_of("/proc/swaps"));
  f.kernel_has_noswap = at_least(release, 6, 4);
  f.core_pattern = text_of("/proc/sys/kernel/core_pattern");
  const std::string agent = agent_proc(scene);
  f.memlock_counts = geteuid() != 0;
  rlimit own{};
  if (getrlimit(RLIMIT_MEMLOCK, &own) == 0) f.memlock = own.rlim_cur == RLIM_INFINITY ? -1 : static_cast<long long>(own.rlim_cur);
  if (agent.empty()) return f;
  if (auto of_agent = soft_limit(text_of(agent + "/limits"), "Max locked memory")) f.memlock = of_agent;
  using Namespace = MemoryFacts::Namespace;
  const std::string its = link_of(agent + "/ns/mnt"), host = link_of("/proc/1/ns/mnt");
  f.agent_namespace = its.empty() || host.empty() ? Namespace::unknown : its == host ? Namespace::host : Namespace::own_unseen;
  if (f.agent_namespace == Namespace::own_unseen)
    if (const auto mount = mount_of(text_of("/proc/1/mountinfo"), f.secrets_dir); mount && mount->type == "tmpfs")
      f.agent_namespace = Namespace::own_seen;
  return f;
}

DoctorRows disk_rows(std::string folder) {
  const std::string state = folder;
  while (!is_there(folder) && folder.size() > 1) folder.resize(std::max<std::size_t>(folder.rfind('/'), 1));
  struct statvfs fs {};
  if (statvfs(folder.c_str(), &fs) != 0) return {};
  return disk_checks({state, static_cast<std::uint64_t>(fs.f_bavail) * fs.f_frsize, fs.f_favail, fs.f_files != 0});
}

}  // namespace

DoctorRows host_rows(const DoctorScene& scene, const Deadline&) {
  const KernelFacts kernel = kernel_facts();
  DoctorRows rows = kernel_checks(kernel);
  append_rows(rows, memory_checks(memory_facts(scene, kernel.release)));
  append_rows(rows, disk_rows(scene.paths.state_dir));
  return rows;
}

}  // namespace dso
