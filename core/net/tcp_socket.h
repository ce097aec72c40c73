// TCP sockets that this very process opens; everybody else wants connect_tcp (byte_stream.h) and listen_tcp (tcp_listener.h),
// which know of a dialer.
#pragma once
#include <netdb.h>

#include <stop_token>
#include <string>

#include "base/deadline.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace dso {

/// "host:port", "[2001:db8::1]:443": for errors.
std::string peer_name(const std::string& host, const std::string& port);
/// Connected, non-blocking. The addresses of the name are tried as connect_any does. Errors: Network, Timeout, Interrupted.
Result<UniqueFd> open_tcp(const std::string& host, const std::string& port, const Deadline& d, std::stop_token s);
/// The first of these that answers: each is begun 250 ms after the one before it, or when that has failed.
Result<UniqueFd> connect_any(const addrinfo* addresses, const Deadline& d, std::stop_token s, const std::string& what);
/// Listening, non-blocking, on "127.0.0.1:9477", "[::1]:9477" or ":9477". Errors (Io) name the address.
Result<UniqueFd> open_tcp_port(const std::string& address);

}  // namespace dso
