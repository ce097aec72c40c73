// Lays dso-init out on the host, under a name made of its digest.
#include "delivery/env_shim.h"

#include <sys/stat.h>

#include <algorithm>

#include "base/digest.h"
#include "base/file.h"

// Made by init/dso_init_blob.s.in.
extern "C" {
extern const char dso_init_begin[] __attribute__((visibility("hidden")));
extern const char dso_init_end[] __attribute__((visibility("hidden")));
}

namespace dso {
namespace {

std::string_view shim_bytes() {
  return {dso_init_begin, static_cast<std::size_t>(dso_init_end - dso_init_begin)};
}

bool is_installed(const std::string& path) {
  struct stat st {};
  if (lstat(path.c_str(), &st) != 0 || !S_ISREG(st.st_mode) || (st.st_mode & 07777) != 0555 || st.st_uid != geteuid())
    return false;
  auto there = read_text_file(path, shim_bytes().size());
  return there.has_value() && *there == shim_bytes();
}

}  // namespace

Result<std::string> install_env_shim(const std::string& state_dir) {
  const std::string folder = state_dir + "/init/" + sha256_hex(shim_bytes()).substr(0, 16);
  const std::string path = folder + "/dso-init";
  if (is_installed(path)) return path;
  DSO_CHECK(make_folders(folder, 0755));
  DSO_CHECK(replace_file(path, shim_bytes(), 0555));
  return path;
}

bool has_env_shim(const Container& container) {
  return std::any_of(container.mounts.begin(), container.mounts.end(),
                     [](const ContainerMount& m) { return m.destination == kShimInContainer; });
}

}  // namespace dso
