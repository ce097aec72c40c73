// stat(2), getcwd(3), readdir(3).
#include "base/path.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>

namespace dso {

std::string absolute_path(const std::string& path) {
  std::string whole = path;
  if (!path.starts_with('/')) {
    const std::unique_ptr<char, decltype(&free)> here(getcwd(nullptr, 0), &free);
    whole = std::string(here ? here.get() : "") + "/" + path;
  }
  return std::filesystem::path(whole).lexically_normal().string();
}

bool is_folder(const std::string& path) {
  struct stat st {};
  return stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode);
}

bool is_there(const std::string& path) {
  struct stat st {};
  return stat(path.c_str(), &st) == 0;
}

bool is_same_file(const std::string& a, const std::string& b) {
  struct stat one {
  }, other{};
  return stat(a.c_str(), &one) == 0 && stat(b.c_str(), &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

std::vector<std::string> names_in_folder(const std::string& folder) {
  std::vector<std::string> out;
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(folder.c_str()), &closedir);
  while (const dirent* entry = dir ? readdir(dir.get()) : nullptr)
    if (const std::string name = entry->d_name; name != "." && name != "..") out.push_back(name);
  return out;
}

}  // namespace dso
