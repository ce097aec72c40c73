// A connected stream socket (unix or TCP) as a ByteStream. Shared by the connect functions and adopt_socket.
#pragma once
#include <memory>
#include <string>

#include "net/byte_stream.h"

namespace dso {

/// `fd` is made non-blocking. `peer` is for errors: "vault:8200", "/var/run/docker.sock".
std::unique_ptr<ByteStream> make_socket_stream(UniqueFd fd, std::string peer);

/// A socket of that type, connected to the unix socket at `path`. Errors: Network with errno's text, Timeout, Interrupted.
Result<UniqueFd> open_unix(const std::string& path, int type, const Deadline& d, const std::stop_token& s);

/// connect(2) on a non-blocking socket, within the deadline. Errors: Network with errno's text, Timeout, Interrupted.
/// `error_number` gets errno of a refused connection (0 otherwise).
Result<void> connect_socket(int fd, const void* address, unsigned length, const Deadline& d, const std::stop_token& s,
                            const std::string& what, int* error_number = nullptr);

}  // namespace dso
