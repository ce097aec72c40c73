// Files and folders relative to an open folder, one path component at a time and never through a symbolic link: what lies in a
// scope can be renamed under us, but cannot lead us out of it.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace dso::delivery {

/// NotFound when it is not there.
Result<UniqueFd> open_folder(int at, const std::string& name);
/// As open_folder, made with exactly `mode` when it is not there.
Result<UniqueFd> make_folder(int at, const std::string& name, mode_t mode);

/// A new file, or an error; whatever the umask, it has this mode and owner.
Result<void> write_new_file(int at, const std::string& name, std::string_view content, mode_t mode, FileOwner owner);
/// Readers see the old or the new text. For names and states, never a value.
Result<void> replace_text_file(int at, const std::string& name, std::string_view content);
/// NotFound when it is not there.
Result<std::string> read_text_file_at(int at, const std::string& name, std::size_t limit);

struct FolderEntry {
  std::string name;
  enum class Type { folder, link, other } type = Type::other;
};
/// Without "." and "..", sorted; empty when it cannot be read.
std::vector<FolderEntry> entries(int folder);
/// Where the link leads, "" when it is none.
std::string link_target(int at, const std::string& name);
bool exists(int at, const std::string& name);

/// The entry and all below. `zero`: files are overwritten first, which a process that still has one open would see.
Result<void> remove_tree(int at, const std::string& name, bool zero);
/// A file or link; nothing to do counts as done.
Result<void> remove_file(int at, const std::string& name);

}  // namespace dso::delivery
