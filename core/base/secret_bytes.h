// SecretBytes: one secret value. Move-only, in locked memory, wiped at its end; no operator<<, no implicit conversion to
// text, so that a value cannot reach a log or an error by accident. Reading it is always the word `reveal`.
#pragma once
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "base/secret_memory.h"

namespace dso {

/// A growing buffer for values in transit: HTTP bodies, frames, files.
using SecretBuffer = std::vector<char, SecretAllocator<char>>;

inline std::string_view view(const SecretBuffer& b) {
  return {b.data(), b.size()};
}
inline void append(SecretBuffer& b, std::string_view text) {
  b.insert(b.end(), text.begin(), text.end());
}

class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(SecretBuffer&& bytes) : bytes_(std::move(bytes)) {}
  static SecretBytes copy_of(std::string_view text) { return SecretBytes(SecretBuffer(text.begin(), text.end())); }

  SecretBytes(SecretBytes&&) noexcept = default;
  SecretBytes& operator=(SecretBytes&&) noexcept = default;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;

  /// The value, borrowed until this object changes or ends. Not NUL-terminated; may hold NULs.
  std::string_view reveal() const { return {bytes_.data(), bytes_.size()}; }
  std::size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }
  SecretBytes clone() const { return copy_of(reveal()); }
  /// In constant time for equal sizes.
  bool equals(std::string_view other) const {
    if (other.size() != size()) return false;
    unsigned char difference = 0;
    for (std::size_t i = 0; i < other.size(); ++i) difference = static_cast<unsigned char>(difference | (bytes_[i] ^ other[i]));
    return difference == 0;
  }

 private:
  SecretBuffer bytes_;
};

}  // namespace dso
