// The kernel's Landlock (5.13 and newer): what of the file system and the network a process may still open. Runs in the child.
#pragma once
#include <string>
#include <vector>

namespace dso {

/// Landlock's version in this kernel (1 and up); 0: it has none, or it is off.
int landlock_abi();

/// From here on nothing can be opened but `readable_fd` and what lies beneath `readable`, for reading; without `network` no TCP
/// port either (ABI 4), and no abstract socket or signal outside the process (ABI 6). Paths that are not there are left out.
/// False: it could not be done although landlock_abi() is not 0.
bool landlock_restrict(int readable_fd, const std::vector<std::string>& readable, bool network);

}  // namespace dso
