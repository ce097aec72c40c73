// The seccomp filter of a provider's process: the system calls that computing, memory, threads and its one socket need; every
// other one fails with EPERM, and one of a foreign architecture ends the process. Runs in the child.
#pragma once
#include <linux/filter.h>

#include <vector>

namespace dso {

/// Pure. `network`: for a provider that brings its own network stack, sockets too.
std::vector<sock_filter> syscall_filter(bool network);
/// Needs no_new_privs. False: this kernel does not take it.
bool install_syscall_filter(bool network);

}  // namespace dso
