// An image's /etc/passwd, as the engine hands it out: a tar of one file. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dso {

/// The first file, or symbolic link, of a tar (ustar, pax and GNU); `content` is borrowed.
struct TarEntry {
  std::string_view content;
  std::string link;  ///< Where it leads; empty: it is a file.
};
/// Nothing: it holds neither, or it is damaged.
std::optional<TarEntry> first_of_tar(std::string_view tar);

/// The number of the user of that name, as the engine finds it: the first line that has it counts.
std::optional<std::uint32_t> uid_in_passwd(std::string_view passwd, std::string_view name);

}  // namespace dso
