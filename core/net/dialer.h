// Where a process may open no network connection itself (the agent's unit), another opens them for it: the dialer is asked over a
// unix socket for a host and port, and passes back the connected descriptor. It holds no secret and sees nothing of what is said:
// TLS begins and ends with who asked.
#pragma once
#include <stop_token>
#include <string>

#include "base/deadline.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "net/dial_message.h"

namespace dso {

/// From now on this process's TCP connections and ports come from the dialer that serves on `socket`; empty: from itself. To be
/// said before there are threads.
void dial_through(std::string socket);
/// True: ask_dialer is how to open anything.
bool has_dialer();
/// Errors: the dialer's own, word for word; Network where no dialer answers; Timeout, Interrupted.
Result<UniqueFd> ask_dialer(DialRequest request, const Deadline& d, std::stop_token s);

/// The dialer: answers whoever is root or its own user, each on a thread, until a stop. `listener`: a listening SOCK_SEQPACKET
/// socket.
void serve_dials(int listener, std::stop_token s);
/// `dso dialer`, started by systemd with its socket (sd_listen_fds). Returns the exit code.
int dialer_main();

}  // namespace dso
