// What connections are accepted from: a unix socket (unix_listener.h) or a TCP port (tcp_listener.h).
#pragma once

namespace dso {

class Listener {
 public:
  virtual ~Listener() = default;
  virtual int fd() const = 0;  ///< Non-blocking, listening.
};

}  // namespace dso
