// Payloads of messages are skipped as they come: a message may be of any length and takes no memory.
#include "net/websocket_frames.h"

#include <openssl/evp.h>

#include <algorithm>

namespace dso {
namespace {

constexpr int kText = 1, kBinary = 2, kContinued = 0;

}  // namespace

std::optional<FrameReader::Event> FrameReader::fail() {
  broken_ = true;
  bytes_.clear();
  return std::nullopt;
}

std::optional<FrameReader::Event> FrameReader::next() {
  while (!broken_) {
    if (in_frame_) {
      const std::size_t n = static_cast<std::size_t>(std::min<std::uint64_t>(to_skip_, bytes_.size()));
      bytes_.erase(0, n);
      to_skip_ -= n;
      if (to_skip_ > 0) return std::nullopt;
      in_frame_ = false;
      if (!final_frame_) continue;
      in_message_ = false;
      return Event{Event::Kind::message, {}};
    }
    if (bytes_.size() < 2) return std::nullopt;
    const auto byte = [this](std::size_t i) { return static_cast<unsigned char>(bytes_[i]); };
    const int opcode = byte(0) & 0x0f;
    const bool final_one = byte(0) & 0x80;
    if ((byte(0) & 0x70) || (byte(1) & 0x80)) return fail();  // no extension was agreed on, and a server does not mask
    std::uint64_t size = byte(1) & 0x7f;
    std::size_t head = 2;
    if (const std::size_t more = size == 126 ? 2 : size == 127 ? 8 : 0; more) {
      head += more;
      if (bytes_.size() < head) return std::nullopt;
      size = 0;
      for (std::size_t i = 2; i < head; ++i) size = size << 8 | byte(i);
    }
    if (opcode >= kClose) {
      if (!final_one || size > 125 || opcode > kPong) return fail();
      if (bytes_.size() < head + size) return std::nullopt;
      Event event{opcode == kPing   ? Event::Kind::ping
                  : opcode == kPong ? Event::Kind::pong
                                    : Event::Kind::closed,
                  opcode == kPing ? bytes_.substr(head, size) : std::string()};
      bytes_.erase(0, head + size);
      return event;
    }
    if (opcode != kContinued && opcode != kText && opcode != kBinary) return fail();
    if ((opcode == kContinued) != in_message_) return fail();
    in_message_ = in_frame_ = true;
    final_frame_ = final_one;
    to_skip_ = size;
    bytes_.erase(0, head);
  }
  return std::nullopt;
}

std::string control_frame(int opcode, std::string_view payload, std::uint32_t mask) {
  const std::string_view sent = payload.substr(0, 125);
  std::string out{static_cast<char>(0x80 | opcode), static_cast<char>(0x80 | sent.size())};
  const char key[4] = {static_cast<char>(mask >> 24), static_cast<char>(mask >> 16), static_cast<char>(mask >> 8),
                       static_cast<char>(mask)};
  out.append(key, sizeof key);
  for (std::size_t i = 0; i < sent.size(); ++i) out += static_cast<char>(sent[i] ^ key[i % 4]);
  return out;
}

std::string websocket_accept(const std::string& key) {
  const std::string text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha1(), nullptr);
  unsigned char out[64];
  const int n = EVP_EncodeBlock(out, digest, static_cast<int>(size));
  return std::string(reinterpret_cast<const char*>(out), static_cast<std::size_t>(n));
}

}  // namespace dso
