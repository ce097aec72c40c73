// Whom DSO obeys: a config, and each file that it names, belongs to the caller or root and can be written by nobody else, and
// nobody else can put another file in its place. Pure: facts in, a verdict out; trusted_file.h opens and measures.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace dso {

/// What fstat(2) says of an opened file, folder or link.
struct FileFacts {
  std::uint32_t uid = 0;
  std::uint32_t mode = 0;      ///< The permissions; with an access list the group's are the most that anybody on it has.
  bool private_group = false;  ///< Nobody but the owner is in its group: what the group may do, nobody else may.
};

/// Who would obey.
struct Caller {
  std::uint32_t uid = 0;
  std::optional<std::uint32_t> sudo_uid;  ///< Who called sudo, if anybody: for the advice alone, it gives no right.
};

enum class FileUse {
  obeyed,       ///< A config, a CA, a credential: nobody else may write it.
  private_key,  ///< Nobody else may read it either; root's may be readable by a group, as libpq has it.
};

/// Why it is not used. `cause` has owner and mode, `next` is what to do.
struct Distrust {
  std::string cause, next;
};

/// Empty: it may be used.
std::optional<Distrust> distrust_of_file(const std::string& path, FileUse use, const FileFacts& facts, const Caller& caller);

/// Of a folder in which a part of the file's name is looked up. One with the sticky bit (/tmp, a projected volume of Kubernetes)
/// may be written by others: they cannot rename or remove what is not theirs. `above`: further up, where the owner of "/" counts
/// as root too (in a user namespace nobody else may own it).
std::optional<Distrust> distrust_of_folder(const std::string& folder, const FileFacts& facts, const Caller& caller,
                                           std::optional<std::uint32_t> above = {});

/// Of a symbolic link on the way, which lies in `folder`: where anybody may add links, whose it is counts.
std::optional<Distrust> distrust_of_link(const std::string& link, const FileFacts& facts, const FileFacts& folder,
                                         const Caller& caller);

/// "0664", as chmod takes it.
std::string mode_text(std::uint32_t mode);

}  // namespace dso
