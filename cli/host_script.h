// The scripts that were installed with this program (PREFIX/lib/dso): they are the one way in which a host is set up and cleared.
#pragma once
#include <string>
#include <vector>

#include "base/result.h"

namespace dso::cli {

/// What lies where, by where the program is: PREFIX/bin/dso for the system, PREFIX/lib/dso/dso for a user.
struct InstalledScript {
  std::string path;                    ///< Of the script; it need not be there.
  std::vector<std::string> arguments;  ///< --system or --user, and --prefix where it is not the usual one.
};
/// `home`: of the user. Nothing (an empty path): the program lies in no such place. Pure.
InstalledScript installed_script(const std::string& program, const std::string& name, const std::string& home);

/// Becomes the script `name` of this installation with `more` behind its own arguments. Returns only on failure. NotFound says
/// how else it is done.
Error exec_installed(const std::string& name, const std::vector<std::string>& more);

}  // namespace dso::cli
