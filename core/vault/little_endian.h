// Unsigned numbers as little-endian bytes, and a reader that never passes the end of what it was given.
#pragma once
#include <concepts>
#include <cstdint>
#include <string_view>

namespace dso::vault {

/// `out` is a std::string or a SecretBuffer.
template <std::unsigned_integral T, class Bytes>
void put(Bytes& out, T number) {
  for (std::size_t i = 0; i < sizeof(T); ++i)
    out.push_back(static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i) & 0xff));
}
template <class Bytes>
void put_bytes(Bytes& out, std::string_view bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

/// After the first read beyond the end every read gives 0 or nothing, and failed() is true.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : left_(bytes) {}

  template <std::unsigned_integral T>
  T number() {
    const std::string_view from = bytes(sizeof(T));
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < from.size(); ++i)
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(from[i])) << (8 * i);
    return static_cast<T>(value);
  }
  std::string_view bytes(std::size_t count) {
    if (count > left_.size()) {
      failed_ = true;
      left_ = {};
      return {};
    }
    const std::string_view taken = left_.substr(0, count);
    left_.remove_prefix(count);
    return taken;
  }
  bool failed() const { return failed_; }
  std::size_t left() const { return left_.size(); }

 private:
  std::string_view left_;
  bool failed_ = false;
};

}  // namespace dso::vault
