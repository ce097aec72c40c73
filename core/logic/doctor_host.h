// What `dso doctor` says of the host: what its kernel can do, and where a value could get on a disk. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/doctor.h"

namespace dso {

struct KernelFacts {
  std::string release;  ///< "6.1.0-18-amd64"
  bool memfd_secret = false, pidfd = false;
  int landlock = 0;  ///< Its ABI; 0: none.
};
DoctorRows kernel_checks(const KernelFacts& facts);

/// A line of /proc/PID/mountinfo.
struct MountFacts {
  std::string point, type, options;  ///< `options`: of the mount and of its file system, "rw,nosuid,…"
  int layers = 1;                    ///< So many are mounted at `point`, one on top of the other; this is the uppermost.
};
/// The one that `path` lies on; nothing where the text has none.
std::optional<MountFacts> mount_of(std::string_view mountinfo, std::string_view path);
/// "/dev/sda2" of each line of /proc/swaps that is a disk's: compressed memory (zram) is none.
std::vector<std::string> swap_disks(std::string_view proc_swaps);
/// The soft limit of /proc/PID/limits; -1: unlimited; nothing: the text does not say.
std::optional<long long> soft_limit(std::string_view limits, std::string_view name);

struct MemoryFacts {
  std::string secrets_dir;
  bool there = false;                ///< It is, and so an agent or `dso run` has made it.
  std::optional<MountFacts> mount;   ///< What secrets_dir lies on.
  std::vector<std::string> swap;     ///< As swap_disks has it.
  bool kernel_has_noswap = false;    ///< Linux 6.4.
  std::string core_pattern;          ///< "|/lib/systemd/systemd-coredump %P", "core"
  std::optional<long long> memlock;  ///< Bytes, the agent's or ours; -1: unlimited.
  bool memlock_counts = true;        ///< False: root, whom no limit holds.
  enum class Namespace { unknown, no_agent, host, own_seen, own_unseen };
  /// The agent's mount namespace: the host's, or its own, with its tmpfs on the host too or not.
  Namespace agent_namespace = Namespace::no_agent;
};
DoctorRows memory_checks(const MemoryFacts& facts);

struct DiskFacts {
  std::string path;  ///< The state folder, or what will hold it.
  std::uint64_t free_bytes = 0, free_files = 0;
  bool counts_files = false;  ///< The file system has a limit of files.
};
DoctorRows disk_checks(const DiskFacts& facts);

}  // namespace dso
