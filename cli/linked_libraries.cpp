// A library that can say its version is asked; what only the build knew, CMake wrote down (cmake/DsoLibraries.cmake).
#include "linked_libraries.h"

#include <gnu/libc-version.h>
#include <openssl/crypto.h>

#include <boost/version.hpp>

#include "dso_libraries.h"

namespace dso::cli {
namespace {

std::string or_unknown(std::string version) {
  return version.empty() ? "unknown" : std::move(version);
}

std::string boost_version() {
  return std::to_string(BOOST_VERSION / 100000) + "." + std::to_string(BOOST_VERSION / 100 % 1000) + "." +
         std::to_string(BOOST_VERSION % 100);
}

std::string compiler_version() {
  return std::to_string(__GNUC__) + "." + std::to_string(__GNUC_MINOR__) + "." + std::to_string(__GNUC_PATCHLEVEL__);
}

}  // namespace

std::vector<LinkedLibrary> linked_libraries() {
  std::vector<LinkedLibrary> out{
      {"openssl", OpenSSL_version(OPENSSL_VERSION_STRING), "static", "dso", DSO_PACKAGE_OPENSSL},
      {"boost", boost_version(), "static", "dso, providers", DSO_PACKAGE_BOOST},
      {"yaml-cpp", or_unknown(DSO_YAML_CPP_VERSION), "static", "dso", DSO_PACKAGE_YAML_CPP},
      {"libstdc++", compiler_version(), DSO_RUNTIME_LINKED, "dso, providers", DSO_PACKAGE_RUNTIME},
      {"libgcc", compiler_version(), DSO_RUNTIME_LINKED, "dso, providers", DSO_PACKAGE_RUNTIME},
      {"glibc", gnu_get_libc_version(), "dynamic", "dso, providers", DSO_PACKAGE_GLIBC},
  };
  const std::string musl = std::string(DSO_PACKAGE_MUSL) + DSO_MUSL_VERSION;
  if (!musl.empty())
    out.push_back({"musl", or_unknown(DSO_MUSL_VERSION), "static", "dso-init", DSO_PACKAGE_MUSL});
  else
    out.push_back({"glibc", or_unknown(""), "static", "dso-init", DSO_PACKAGE_GLIBC});
  return out;
}

}  // namespace dso::cli
