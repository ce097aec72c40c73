// Loads a provider's library and decides whether it fits this host. Boost.DLL stands behind it, in library.cpp alone; runs in
// the child only.
#pragma once
#include <string>

#include "dso/provider.h"

namespace dso {

struct LoadedLibrary {
  const dso_provider_api* api = nullptr;  ///< Null: it does not fit.
  std::string problem;                    ///< Why not, with both versions where they matter.
  std::string next;                       ///< The cure.
};

/// Loads what lies behind the descriptor, from the folder that enter_sandbox made the current one, and never unloads it: its
/// threads and handlers may outlive any call.
LoadedLibrary load_library(int so_fd);

/// The checks alone, on a table as the library gave it.
LoadedLibrary check_api(const dso_provider_api* api);

}  // namespace dso
