// System calls by number and structures of our own: glibc has no wrappers, and the kernel's header may be older than the kernel.
#include "provider/landlock.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "base/unique_fd.h"

namespace dso {
namespace {

constexpr long kCreateRuleset = 444, kAddRule = 445, kRestrictSelf = 446;  // the same on every architecture
constexpr unsigned kVersion = 1, kPathBeneath = 1;
constexpr std::uint64_t kReadFile = 1 << 2, kReadDir = 1 << 3;

struct RulesetAttributes {
  std::uint64_t handled_fs, handled_net, scoped;
};
struct [[gnu::packed]] PathBeneath {
  std::uint64_t allowed;
  std::int32_t parent_fd;
};

/// Every right of files that this kernel's version knows: what is handled and not allowed is denied.
std::uint64_t file_rights(int abi) {
  std::uint64_t rights = (1ULL << 13) - 1;
  if (abi >= 2) rights |= 1ULL << 13;  // refer
  if (abi >= 3) rights |= 1ULL << 14;  // truncate
  if (abi >= 5) rights |= 1ULL << 15;  // ioctl of devices
  return rights;
}

bool allow(int ruleset, int fd, std::uint64_t rights) {
  const PathBeneath rule{rights, fd};
  return syscall(kAddRule, ruleset, kPathBeneath, &rule, 0U) == 0;
}

}  // namespace

int landlock_abi() {
  const long abi = syscall(kCreateRuleset, nullptr, 0UL, kVersion);
  return abi > 0 ? static_cast<int>(abi) : 0;
}

bool landlock_restrict(int readable_fd, const std::vector<std::string>& readable, bool network) {
  const int abi = landlock_abi();
  RulesetAttributes attributes{file_rights(abi), 0, 0};
  if (abi >= 4 && !network) attributes.handled_net = 3;  // bind, connect
  if (abi >= 6) attributes.scoped = 3;                   // abstract sockets, signals
  const std::size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
  const UniqueFd ruleset(static_cast<int>(syscall(kCreateRuleset, &attributes, size, 0U)));
  if (!ruleset || !allow(ruleset.get(), readable_fd, kReadFile)) return false;
  for (const std::string& path : readable) {
    const UniqueFd folder(open(path.c_str(), O_PATH | O_CLOEXEC | O_DIRECTORY));
    if (folder) {
      if (!allow(ruleset.get(), folder.get(), kReadFile | kReadDir)) return false;
      continue;
    }
    const UniqueFd file(open(path.c_str(), O_PATH | O_CLOEXEC));
    if (file && !allow(ruleset.get(), file.get(), kReadFile)) return false;
  }
  return syscall(kRestrictSelf, ruleset.get(), 0U) == 0;
}

}  // namespace dso
