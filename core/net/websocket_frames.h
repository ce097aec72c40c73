// WebSocket frames (RFC 6455) as a listening client sees them. Pure: bytes in, what they mean out; what messages say is not kept.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dso {

/// Opcodes of control frames.
inline constexpr int kClose = 8, kPing = 9, kPong = 10;

class FrameReader {
 public:
  struct Event {
    enum class Kind { message, ping, pong, closed };
    Kind kind;
    std::string payload;  ///< Of a ping: to be given back. Of a message nothing.
  };

  void feed(std::string_view bytes) { bytes_ += bytes; }
  /// The next thing that is complete; nothing: more bytes are needed, or `broken`.
  std::optional<Event> next();
  /// The peer sent what no server may send; nothing more is read.
  bool broken() const { return broken_; }

 private:
  std::optional<Event> fail();

  std::string bytes_;
  std::uint64_t to_skip_ = 0;  ///< Of a message's present frame.
  bool final_frame_ = false, in_frame_ = false, in_message_ = false;
  bool broken_ = false;
};

/// A control frame of a client: kPing, kPong or kClose. `payload` has 125 bytes at most.
std::string control_frame(int opcode, std::string_view payload, std::uint32_t mask);

/// What a server must answer to `key` in Sec-WebSocket-Accept.
std::string websocket_accept(const std::string& key);

}  // namespace dso
