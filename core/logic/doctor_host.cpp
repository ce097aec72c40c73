// The rows of section "host" that the kernel answers.
#include "logic/doctor_host.h"

#include <charconv>

#include "logic/doctor_row.h"
#include "logic/text.h"

namespace dso {
namespace {

using enum DoctorLevel;

constexpr std::uint64_t kMiB = 1024 * 1024;
/// Slabs of secret memory for some thousand values (base/secret_memory).
constexpr long long kEnoughMemlock = 4 * 1024 * 1024;

std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(" \t"));
  line.remove_prefix(word.size());
  return word;
}

template <class F>
void each_line(std::string_view text, F&& take) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

bool has_option(std::string_view options, std::string_view wanted) {
  while (!options.empty()) {
    const std::size_t end = std::min(options.find(','), options.size());
    if (options.substr(0, end) == wanted) return true;
    options.remove_prefix(std::min(end + 1, options.size()));
  }
  return false;
}

/// Whom no limit of locked memory holds.
bool is_root(const MemoryFacts& f) {
  return !f.memlock_counts;
}

std::string mount_it(const MemoryFacts& f) {
  return "A running agent mounts it, or says in its log what to do; else start it. Under a unit with a mount namespace of its "
         "own: "
         "systemctl start run-dso-secrets.mount, or mount -t tmpfs -o nosuid,nodev,noexec,mode=0700,size=64m dso-secrets " +
         f.secrets_dir;
}

DoctorRow tmpfs_row(const MemoryFacts& f) {
  constexpr std::string_view kCheck = "host.tmpfs";
  if (!f.there) return doctor_row(info, kCheck, f.secrets_dir, "not there yet: the agent makes it at its start");
  if (!f.mount) return doctor_row(info, kCheck, f.secrets_dir, "this user cannot see what it lies on");
  if (f.mount->type != "tmpfs")
    return doctor_row(error, kCheck, f.secrets_dir,
                      "it lies on " + f.mount->type + ", not on a tmpfs: DSO delivers nothing there",
                      f.mount->point == f.secrets_dir ? "Take away what is mounted there: umount " + f.secrets_dir : mount_it(f));
  if (f.mount->layers > 1)
    return doctor_row(warn, kCheck, f.secrets_dir,
                      std::to_string(f.mount->layers) +
                          " file systems are mounted there, one on top of the other: containers see "
                          "the one that was there when they started",
                      "If it was not you, take the uppermost away: umount " + f.secrets_dir);
  // a user's own run folder is the system's to mount
  if (is_root(f) && f.mount->point != f.secrets_dir)
    return doctor_row(warn, kCheck, f.secrets_dir, "nothing is mounted there: its tmpfs was unmounted", mount_it(f));
  std::string missing;
  for (const char* option : {"nosuid", "nodev", "noexec"})
    if (!has_option(f.mount->options, option)) missing += (missing.empty() ? "" : ",") + std::string(option);
  if (!missing.empty())
    return doctor_row(f.mount->point == f.secrets_dir ? warn : info, kCheck, f.secrets_dir,
                      "a tmpfs, mounted at " + f.mount->point + " without " + missing,
                      f.mount->point == f.secrets_dir ? "mount -o remount," + missing + " " + f.secrets_dir : "");
  return doctor_row(ok, kCheck, f.secrets_dir,
                    "a tmpfs, mounted at " + f.mount->point + (has_option(f.mount->options, "noswap") ? ", never swapped" : ""));
}

DoctorRow swap_row(const MemoryFacts& f) {
  if (f.swap.empty()) return doctor_row(ok, "host.swap", {}, "no disk is swapped to");
  std::string disks;
  for (const std::string& disk : f.swap) disks += (disks.empty() ? "" : ", ") + disk;
  const bool mounted = f.there && f.mount && f.mount->type == "tmpfs";
  if (mounted ? has_option(f.mount->options, "noswap") : f.kernel_has_noswap)
    return doctor_row(ok, "host.swap", {}, disks + " is swapped to, but not what is in the tmpfs of secrets (noswap)");
  return doctor_row(warn, "host.swap", {},
                    disks + " is swapped to, and the tmpfs of secrets may go there" +
                        (f.kernel_has_noswap ? ": it is mounted without noswap" : ": noswap is in Linux 6.4"),
                    "Encrypt swap, or turn it off: swapoff -a, and take it out of /etc/fstab.");
}

DoctorRow core_row(const MemoryFacts& f) {
  constexpr std::string_view kCheck = "host.core_dumps";
  if (f.core_pattern.empty()) return doctor_row(ok, kCheck, {}, "DSO's own processes leave none");
  return doctor_row(
      info, kCheck, {},
      "DSO's own processes leave none; a container's process that crashes may, with the secrets in its memory, by the "
      "host's core_pattern " +
          in_quotes(f.core_pattern) + ": give it --ulimit core=0");
}

DoctorRow memlock_row(const MemoryFacts& f) {
  constexpr std::string_view kCheck = "host.memlock";
  if (!f.memlock_counts || f.memlock == -1) return doctor_row(ok, kCheck, {}, "memory may be locked without a limit");
  if (!f.memlock) return doctor_row(info, kCheck, {}, "the limit of locked memory is not known");
  const std::string limit = std::to_string(*f.memlock / 1024) + " KiB of memory may be locked";
  if (*f.memlock >= kEnoughMemlock) return doctor_row(ok, kCheck, {}, limit);
  return doctor_row(warn, kCheck, {}, limit + ": with many secrets some may be swapped",
                    "Raise it to 8 MiB: LimitMEMLOCK=8M in the unit, or ulimit -l 8192.");
}

DoctorRow namespace_row(const MemoryFacts& f) {
  constexpr std::string_view kCheck = "host.mount_namespace";
  switch (f.agent_namespace) {
    case MemoryFacts::Namespace::host: return doctor_row(ok, kCheck, {}, "the agent is in the host's");
    case MemoryFacts::Namespace::own_seen:
      return doctor_row(ok, kCheck, {}, "the agent has its own, and the host has the tmpfs of secrets too");
    case MemoryFacts::Namespace::own_unseen:
      return doctor_row(
          error, kCheck, {},
          "the agent has its own, and the host has no tmpfs at " + f.secrets_dir + ": containers get empty folders",
          "Mount it on the host and restart the agent: mount -t tmpfs -o nosuid,nodev,noexec,mode=0700,size=64m dso-secrets " +
              f.secrets_dir);
    default:
      return doctor_row(info, kCheck, {}, "this user cannot compare the agent's with the host's (root with CAP_SYS_PTRACE can)");
  }
}

}  // namespace

DoctorRows kernel_checks(const KernelFacts& f) {
  std::string costs;
  const auto cost = [&](bool has, const char* text) {
    if (!has) costs += (costs.empty() ? "" : "; ") + std::string(text);
  };
  cost(f.memfd_secret, "no memfd_secret (5.14, secretmem.enable=1): values lie in locked memory, which root can read");
  cost(f.pidfd, "no pidfd_open (5.3), by which DSO knows who asks it");
  DoctorRows rows{
      doctor_row(costs.empty() ? ok : info, "host.kernel", {}, "Linux " + f.release + (costs.empty() ? "" : ": " + costs))};
  if (f.landlock > 0)
    rows.push_back(
        doctor_row(ok, "host.landlock", {}, "providers are confined (Landlock ABI " + std::to_string(f.landlock) + ")"));
  else
    rows.push_back(
        doctor_row(warn, "host.landlock", {}, "this kernel has no Landlock: a provider could read what every user may read",
                   "Use Linux 5.13 or newer with 'landlock' in its lsm= list; install only providers that you trust."));
  return rows;
}

std::optional<MountFacts> mount_of(std::string_view mountinfo, std::string_view path) {
  std::optional<MountFacts> best;
  each_line(mountinfo, [&](std::string_view line) {
    std::string_view words[6];  // id, parent, device, root, point, options
    for (std::string_view& w : words) w = next_word(line);
    const std::string_view point = words[4];
    const bool above = point == "/" || (path.starts_with(point) && (path.size() == point.size() || path[point.size()] == '/'));
    // of two at one point the later one lies on top
    if (point.empty() || !above || (best && best->point.size() > point.size())) return;
    while (!line.empty() && next_word(line) != "-") {
    }
    const std::string_view type = next_word(line);
    next_word(line);
    const int layers = best && best->point == point ? best->layers + 1 : 1;
    best = MountFacts{std::string(point), std::string(type), std::string(words[5]) + "," + std::string(next_word(line)), layers};
  });
  return best;
}

std::vector<std::string> swap_disks(std::string_view proc_swaps) {
  std::vector<std::string> out;
  each_line(proc_swaps, [&](std::string_view line) {
    const std::string_view name = next_word(line);
    if (name.starts_with('/') && !name.starts_with("/dev/zram")) out.emplace_back(name);
  });
  return out;
}

std::optional<long long> soft_limit(std::string_view limits, std::string_view name) {
  std::optional<long long> out;
  each_line(limits, [&](std::string_view line) {
    if (!line.starts_with(name)) return;
    line.remove_prefix(name.size());
    const std::string_view word = next_word(line);
    long long n = 0;
    if (word == "unlimited")
      out = -1;
    else if (std::from_chars(word.data(), word.data() + word.size(), n).ec == std::errc())
      out = n;
  });
  return out;
}

DoctorRows memory_checks(const MemoryFacts& f) {
  DoctorRows rows{tmpfs_row(f), swap_row(f), core_row(f), memlock_row(f)};
  if (f.agent_namespace != MemoryFacts::Namespace::no_agent) rows.push_back(namespace_row(f));
  return rows;
}

DoctorRows disk_checks(const DiskFacts& f) {
  const std::string free = std::to_string(f.free_bytes / kMiB) + " MiB are free";
  if (f.free_bytes < 4 * kMiB || (f.counts_files && f.free_files < 100))
    return {doctor_row(error, "host.disk", f.path, f.free_bytes < 4 * kMiB ? free : "no more files can be made",
                       "Make room: which containers have which secrets could not be noted, and is lost at a reboot.")};
  if (f.free_bytes < 64 * kMiB) return {doctor_row(warn, "host.disk", f.path, free, "Make room.")};
  return {doctor_row(ok, "host.disk", f.path, free)};
}

}  // namespace dso
