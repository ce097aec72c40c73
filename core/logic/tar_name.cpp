// POSIX ustar: 512 bytes a header, the name in two of its fields, a checksum over it.
#include "logic/tar_name.h"

#include <algorithm>
#include <charconv>

namespace dso {
namespace {

constexpr std::size_t kBlock = 512, kName = 100, kPrefix = 155, kPrefixAt = 345, kSizeAt = 124, kSumAt = 148, kTypeAt = 156;

Error no_archive(std::string_view path, std::string cause) {
  return make_error(ErrorClass::invalid_request, "Cannot copy '" + std::string(path) + "'", std::move(cause));
}

/// Of the header at `at`; more than there can be where it is none.
std::size_t content_size(const SecretBuffer& archive, std::size_t at) {
  const char* const from = archive.data() + at + kSizeAt;
  std::size_t size = 0;
  const auto end = std::from_chars(from, from + 11, size, 8);
  return end.ec == std::errc() ? size : archive.size();
}

void set_text(char* field, std::size_t length, std::string_view text) {
  std::fill(field, field + length, '\0');
  std::copy(text.begin(), text.end(), field);
}

void set_checksum(char* header) {
  std::fill(header + kSumAt, header + kSumAt + 8, ' ');
  unsigned sum = 0;
  for (std::size_t i = 0; i < kBlock; ++i) sum += static_cast<unsigned char>(header[i]);
  for (std::size_t i = 6; i-- > 0; sum /= 8) header[kSumAt + i] = static_cast<char>('0' + sum % 8);
  header[kSumAt + 6] = '\0';
}

}  // namespace

Result<void> name_whole_path(SecretBuffer& archive, std::string_view path) {
  std::string_view name = path.substr(path.starts_with('/') ? 1 : 0), prefix;
  if (name.size() > kName) {
    const std::size_t cut = name.find('/', name.size() - kName - 1);  // where there is none, it is more than any length
    if (cut > kPrefix) return no_archive(path, "its path is too long");
    prefix = name.substr(0, cut);
    name = name.substr(cut + 1);
  }
  for (std::size_t at = 0; at + kBlock <= archive.size();) {
    const char type = archive[at + kTypeAt];
    const std::size_t blocks = (content_size(archive, at) + kBlock - 1) / kBlock;
    if (blocks >= (archive.size() - at) / kBlock) break;  // with its header
    if (type == 'x') {                                    // more about the file that follows
      const std::string_view more(archive.data() + at + kBlock, blocks * kBlock);
      if (more.find(" path=") != std::string_view::npos) break;
      at += (1 + blocks) * kBlock;
      continue;
    }
    if (type != '0' && type != '\0') break;
    set_text(archive.data() + at, kName, name);
    set_text(archive.data() + at + kPrefixAt, kPrefix, prefix);
    set_checksum(archive.data() + at);
    return {};
  }
  return no_archive(path, "it is no plain file");
}

}  // namespace dso
