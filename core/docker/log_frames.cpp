// A frame: one byte of stream (0 to 2), three of zero, four of length (big-endian), the text.
#include "docker/log_frames.h"

namespace dso {
namespace {

constexpr std::size_t kHead = 8;

std::size_t length_at(std::string_view frame) {
  std::size_t n = 0;
  for (std::size_t i = 4; i < kHead; ++i) n = n << 8 | static_cast<unsigned char>(frame[i]);
  return n;
}

}  // namespace

SecretBuffer demultiplex_logs(std::string_view bytes) {
  SecretBuffer out;
  for (std::string_view rest = bytes; !rest.empty();) {
    if (rest.size() < kHead || static_cast<unsigned char>(rest[0]) > 2 || rest.substr(1, 3) != std::string_view("\0\0\0", 3))
      return SecretBuffer(bytes.begin(), bytes.end());
    const std::size_t length = length_at(rest);
    rest.remove_prefix(kHead);
    if (length > rest.size()) return SecretBuffer(bytes.begin(), bytes.end());
    append(out, rest.substr(0, length));
    rest.remove_prefix(length);
  }
  return out;
}

}  // namespace dso
