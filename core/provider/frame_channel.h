// Whole frames over a connected stream socket, with a deadline: both the agent's and the child's end use it. Never throws
// for what the peer does; never raises SIGPIPE.
#pragma once
#include <memory>
#include <stop_token>

#include "base/deadline.h"
#include "base/unique_fd.h"
#include "provider/ipc.h"

namespace dso::ipc {

/// Readable once a stop was asked for, for poll(2).
class StopEvent {
 public:
  explicit StopEvent(std::stop_token stop);
  ~StopEvent();
  int fd() const { return fd_.get(); }  ///< -1: nobody can ask for a stop.

 private:
  struct Callback;
  UniqueFd fd_;
  std::unique_ptr<Callback> callback_;
};

enum class Io {
  ok,
  closed,     ///< The peer ended between two frames.
  truncated,  ///< The peer ended within a frame.
  garbage,    ///< The peer sent no frame of ours.
  timeout,
  stopped,
};

/// One thread at a time.
class FrameChannel {
 public:
  explicit FrameChannel(UniqueFd socket) : socket_(std::move(socket)) {}
  Io send(FrameType type, std::string_view payload, const Deadline& deadline, int stop_fd = -1);
  /// Frames that add_frame put together.
  Io send_whole(std::string_view frames, const Deadline& deadline);
  /// `stopped` is only given between two frames, so that the stream stays in step.
  Io receive(FrameType& type, SecretBuffer& payload, const Deadline& deadline, int stop_fd = -1);
  /// True: a frame, or the peer's end, can be read at once.
  bool readable() const;
  int fd() const { return socket_.get(); }

 private:
  Io write_parts(std::string_view first, std::string_view second, const Deadline& deadline, int stop_fd);
  Io wait(short events, const Deadline& deadline, int stop_fd) const;
  Io read_exact(char* into, std::size_t size, const Deadline& deadline, int stop_fd);
  UniqueFd socket_;
};

/// Appends a frame to others that wait; false: it is longer than a frame may be.
bool add_frame(SecretBuffer& frames, FrameType type, std::string_view payload);

}  // namespace dso::ipc
