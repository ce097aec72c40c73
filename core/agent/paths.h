// Where everything lies on this host, from the environment variables of the design's "Paths", with defaults for root and for a
// user.
#pragma once
#include <optional>
#include <string>

#include "delivery/tmpfs_store.h"
#include "vault/local_store.h"

namespace dso {

struct Paths {
  std::string run_dir;       ///< DSO_RUN_DIR; root /run/dso, user $XDG_RUNTIME_DIR/dso.
  std::string state_dir;     ///< DSO_STATE_DIR; root /var/lib/dso, user ~/.local/state/dso.
  std::string store_dir;     ///< DSO_STORE; root /etc/dso/store, user ~/.config/dso/store.
  std::string provider_dir;  ///< DSO_PROVIDER_DIR; /usr/local/lib/dso/providers, else providers/ beside the binary.
  /// DSO_PROVIDER_KEYS; /etc/dso/provider-keys, for a user on a host without one ~/.config/dso/provider-keys.
  std::string provider_keys;
  std::string plugin_socket;  ///< DSO_PLUGIN_SOCKET; root /run/docker/plugins/dso.sock, user: none (the engine looks there only).
  std::string host_socket;  ///< Of the host's agent, which a user's commands may steer (which_agent.h); "": root, or DSO_RUN_DIR.
  std::string dialer_socket;  ///< DSO_DIALER; none: this process connects by itself (net/dialer.h).
  std::string read_folder() const { return run_dir + "/read"; }
  std::string control_socket() const { return run_dir + "/dso.sock"; }
  RunPaths run_paths() const { return {run_dir, state_dir}; }
  StoreLocation store() const { return {store_dir}; }
};

Paths paths_from_environment();

}  // namespace dso
