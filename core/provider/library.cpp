// The one place with Boost.DLL.
#include "provider/library.h"

#define BOOST_DLL_USE_STD_FS
#include <dlfcn.h>

#include <boost/dll/shared_library.hpp>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace dso {
namespace {

LoadedLibrary refuse(std::string problem, std::string next) {
  return {nullptr, std::move(problem), std::move(next)};
}

std::string version_text(std::uint32_t abi) {
  return std::to_string(abi >> 16) + "." + std::to_string(abi & 0xffff);
}

/// The loader's own words without our name for the file: "undefined symbol: foo".
std::string loader_reason() {
  const char* text = dlerror();
  if (!text) return "the loader gave no reason";
  std::string_view reason(text);
  if (reason.starts_with("./")) {
    const auto colon = reason.find(": ");
    if (colon != std::string_view::npos) reason.remove_prefix(colon + 2);
  }
  return std::string(reason);
}

/// At most `limit` characters, so that a name without an end does no harm.
bool is_word(const char* text, std::size_t limit, std::string_view allowed) {
  if (!text) return false;
  const std::size_t size = strnlen(text, limit + 1);
  return size > 0 && size <= limit && std::string_view(text, size).find_first_not_of(allowed) == std::string_view::npos;
}

}  // namespace

LoadedLibrary check_api(const dso_provider_api* api) {
  const std::string host = version_text(DSO_ABI_VERSION);
  if (!api)
    return refuse("it cannot serve a host with provider ABI " + host, "Install the provider of this DSO release, or update DSO.");
  // struct_size and abi come first in every version of the table.
  if (api->abi >> 16 != DSO_ABI_MAJOR)
    return refuse("it was built for provider ABI " + version_text(api->abi) + ", this DSO has ABI " + host,
                  api->abi >> 16 > DSO_ABI_MAJOR
                      ? "Update DSO, or install an older release of the provider."
                      : "Install a newer release of the provider, or build it with this DSO's dso/provider.h.");
  constexpr std::size_t kLeast = offsetof(dso_provider_api, close) + sizeof(api->close);
  if (api->struct_size < kLeast)
    return refuse("its table has " + std::to_string(api->struct_size) + " bytes, ABI " + version_text(api->abi) + " needs " +
                      std::to_string(kLeast),
                  "Set struct_size to sizeof(dso_provider_api) and build it with dso/provider.h.");
  if (!is_word(api->name, 32, "abcdefghijklmnopqrstuvwxyz0123456789-"))
    return refuse("its name is not of the form [a-z][a-z0-9-]{0,31}", "This is a mistake in the provider.");
  if (!is_word(api->semver, 64, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.+-"))
    return refuse("its version is not of the form 1.2.3", "This is a mistake in the provider.");
  if (!api->open || !api->fetch || !api->close)
    return refuse(std::string("its table has no '") +
                      (!api->open    ? "open"
                       : !api->fetch ? "fetch"
                                     : "close") +
                      "'",
                  "A provider needs open, fetch and close.");
  return {api, {}, {}};
}

LoadedLibrary load_library(int so_fd) {
  static boost::dll::shared_library* const library = new boost::dll::shared_library;  // never unloaded
  try {
    boost::dll::fs::error_code ec;
    library->load("./" + std::to_string(so_fd), ec, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
    if (ec) return refuse("it cannot be loaded: " + loader_reason(), "Check that it was built for this machine and is complete.");
    if (!library->has(DSO_PROVIDER_SYMBOL))
      return refuse("it does not export " DSO_PROVIDER_SYMBOL, "It is no DSO provider; see docs/provider-abi.md.");
    const auto& get_api = library->get<const dso_provider_api*(std::uint32_t)>(DSO_PROVIDER_SYMBOL);
    return check_api(get_api(DSO_ABI_VERSION));
  } catch (...) {  // its text may be anything
    return refuse("an exception escaped while it was loaded", "This is a mistake in the provider.");
  }
}

}  // namespace dso
