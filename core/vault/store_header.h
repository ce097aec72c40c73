// The clear part at the front of a store file: which format, how the key is had, the nonce (docs/local-store.md has the
// layout). All of it is authenticated with the content. Pure.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace dso::vault {

inline constexpr std::size_t kHeaderBytes = 96;
inline constexpr std::size_t kTagBytes = 16;
inline constexpr std::size_t kKeySourceOffset = 11;
inline constexpr std::uint16_t kFormatVersion = 1;

enum class KeySource : std::uint8_t { key_file = 0, scrypt = 1 };

struct ScryptParameters {
  std::uint32_t log2_n = 17, r = 8, p = 1;  ///< 128 MiB and about 0.3 s.
  std::array<char, 32> salt{};
  bool operator==(const ScryptParameters&) const = default;
};

struct StoreHeader {
  KeySource key_source = KeySource::key_file;
  ScryptParameters scrypt;           ///< All zero for a key file.
  std::array<char, 16> key_check{};  ///< Derived from the key: tells a wrong key from a damaged file.
  std::array<char, 12> nonce{};      ///< Fresh for each write.
  std::uint64_t content_bytes = 0;
};

std::string encode_header(const StoreHeader& header);
/// Of a whole file, whose size is checked too. StoreCorrupt: not a store, truncated, damaged, or parameters that would cost
/// more memory or time than a store of ours asks for. Unsupported: a newer format.
Result<StoreHeader> decode_header(std::string_view file);

}  // namespace dso::vault
