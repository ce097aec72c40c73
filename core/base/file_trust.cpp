// Owner first, then who else may write, then who else may read.
#include "base/file_trust.h"

namespace dso {
namespace {

constexpr std::uint32_t kOthersWrite = 0022, kOthersUse = 0077, kEverybody = 0007, kGroup = 0070, kSticky = 01000;

bool is_trusted(std::uint32_t uid, const Caller& caller) {
  return uid == 0 || uid == caller.uid;
}

/// What others than the owner may do.
std::uint32_t rights_of_others(const FileFacts& f) {
  return f.mode & (f.private_group ? kEverybody : kEverybody | kGroup);
}

std::string quoted(const std::string& path) {
  return "'" + path + "'";
}

std::string owner_and_mode(const FileFacts& f) {
  return "it belongs to uid " + std::to_string(f.uid) + " and has mode " + mode_text(f.mode);
}

std::string who_may(const Caller& caller) {
  return caller.uid == 0 ? "root obeys root's files alone"
                         : "uid " + std::to_string(caller.uid) + " obeys its own files and root's";
}

/// "everybody", or the group: of the two the one that says more.
std::string who(std::uint32_t bits) {
  return (bits & kEverybody) != 0 ? "everybody" : "its group";
}

std::string give_it(const std::string& path, const FileFacts& f, const Caller& caller) {
  const std::string owner = caller.uid == 0 ? "root:root" : std::to_string(caller.uid);
  if (caller.uid == 0 && caller.sudo_uid == f.uid)
    return "It is of whoever called sudo: run it without sudo, or, if root is to obey it: sudo chown root:root " + quoted(path) +
           ".";
  return "If you trust it: chown " + owner + " " + quoted(path) + ".";
}

}  // namespace

std::string mode_text(std::uint32_t mode) {
  std::string out;
  for (int shift = 9; shift >= 0; shift -= 3) out += static_cast<char>('0' + (mode >> shift & 7));
  return out;
}

std::optional<Distrust> distrust_of_file(const std::string& path, FileUse use, const FileFacts& f, const Caller& caller) {
  if (!is_trusted(f.uid, caller)) return Distrust{owner_and_mode(f) + ", and " + who_may(caller), give_it(path, f, caller)};
  if (const std::uint32_t bits = rights_of_others(f) & kOthersWrite)
    return Distrust{who(bits) + " may write it: " + owner_and_mode(f),
                    "If you trust what it says: chmod go-w " + quoted(path) + "."};
  if (use != FileUse::private_key) return std::nullopt;
  if (const std::uint32_t bits = f.mode & (f.uid == 0 ? kEverybody : kOthersUse))
    return Distrust{who(bits) + " may read it: " + owner_and_mode(f), "Run: chmod go-rwx " + quoted(path) + "."};
  return std::nullopt;
}

std::optional<Distrust> distrust_of_folder(const std::string& folder, const FileFacts& f, const Caller& caller,
                                           std::optional<std::uint32_t> above) {
  const std::string what = "another can be put in its place, by way of the folder " + quoted(folder) + ": ";
  if (!is_trusted(f.uid, caller) && f.uid != above)
    return Distrust{what + owner_and_mode(f) + ", and " + who_may(caller), give_it(folder, f, caller)};
  if (const std::uint32_t bits = rights_of_others(f) & kOthersWrite; bits != 0 && (f.mode & kSticky) == 0)
    return Distrust{what + who(bits) + " may write it, " + owner_and_mode(f),
                    "If you trust what is in it: chmod go-w " + quoted(folder) + "."};
  return std::nullopt;
}

std::optional<Distrust> distrust_of_link(const std::string& link, const FileFacts& f, const FileFacts& folder,
                                         const Caller& caller) {
  if ((rights_of_others(folder) & kOthersWrite) == 0 || is_trusted(f.uid, caller)) return std::nullopt;
  return Distrust{"another can be put in its place, by way of the link " + quoted(link) +
                      " in a folder that others may write: " + owner_and_mode(f),
                  "Name the file itself that you mean."};
}

}  // namespace dso
