// Of what CMake wrote (cmake/DsoBuildInfo.cmake).
#include "build_info.h"

#include "dso_build_info.h"

namespace dso::cli {

const char kVersion[] = DSO_VERSION;
const char kBuildHash[] = DSO_BUILD_HASH;

}  // namespace dso::cli
