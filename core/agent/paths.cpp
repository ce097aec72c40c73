// Reads the environment once; no folder is made here.
#include "agent/paths.h"

#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>

#include "provider/provider_keys.h"

namespace dso {
namespace {

std::string from_env(const char* name, std::string fallback) {
  const char* value = std::getenv(name);
  return value && *value ? std::string(value) : std::move(fallback);
}

std::string folder_of_binary() {
  char path[PATH_MAX];
  const ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
  if (n <= 0) return ".";
  std::string text(path, static_cast<std::size_t>(n));
  return text.substr(0, text.rfind('/'));
}

bool is_folder(const std::string& path) {
  struct stat st {};
  return stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode);
}

std::string default_provider_dir() {
  // A build tree and a user's install keep their providers beside the binary, a package below its own prefix.
  const std::string here = folder_of_binary();
  if (std::string beside = here + "/providers"; is_folder(beside)) return beside;
  if (here.ends_with("/bin"))
    if (std::string prefixed = here.substr(0, here.size() - 3) + "lib/dso/providers"; is_folder(prefixed)) return prefixed;
  return "/usr/local/lib/dso/providers";
}

/// What the host's administrator asks for counts for everybody.
std::string default_provider_keys() {
  if (geteuid() == 0 || is_folder(kProviderKeys)) return kProviderKeys;
  return from_env("XDG_CONFIG_HOME", from_env("HOME", "/nonexistent") + "/.config") + "/dso/provider-keys";
}

}  // namespace

Paths paths_from_environment() {
  Paths p;
  if (geteuid() == 0) {
    p.run_dir = from_env("DSO_RUN_DIR", "/run/dso");
    p.state_dir = from_env("DSO_STATE_DIR", "/var/lib/dso");
    p.store_dir = from_env("DSO_STORE", "/etc/dso/store");
  } else {
    const std::string home = from_env("HOME", "/nonexistent");
    if (from_env("DSO_RUN_DIR", "").empty()) p.host_socket = "/run/dso/dso.sock";
    p.run_dir = from_env("DSO_RUN_DIR", from_env("XDG_RUNTIME_DIR", "/run/user/" + std::to_string(geteuid())) + "/dso");
    p.state_dir = from_env("DSO_STATE_DIR", from_env("XDG_STATE_HOME", home + "/.local/state") + "/dso");
    p.store_dir = from_env("DSO_STORE", from_env("XDG_CONFIG_HOME", home + "/.config") + "/dso/store");
  }
  p.plugin_socket = from_env("DSO_PLUGIN_SOCKET", geteuid() == 0 ? "/run/docker/plugins/dso.sock" : "");
  p.dialer_socket = from_env("DSO_DIALER", "");
  p.provider_dir = from_env("DSO_PROVIDER_DIR", default_provider_dir());
  p.provider_keys = from_env("DSO_PROVIDER_KEYS", default_provider_keys());
  return p;
}

}  // namespace dso
