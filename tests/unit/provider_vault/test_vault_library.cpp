// The built .so itself: one exported symbol, and it answers.
#include <dlfcn.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <string>

#include "dso/provider.h"
#include "places.h"

BOOST_AUTO_TEST_SUITE(vault_library)

const std::string kLibrary = dso::test::in_build("providers/libdso_provider_vault.so");

BOOST_AUTO_TEST_CASE(exports_one_symbol) {
  std::FILE* nm = popen(("nm -D --defined-only " + kLibrary).c_str(), "r");
  BOOST_REQUIRE(nm);
  std::string out;
  char line[512];
  while (std::fgets(line, sizeof line, nm)) out += line;
  BOOST_TEST(pclose(nm) == 0);
  BOOST_TEST(std::count(out.begin(), out.end(), '\n') == 1, out);
  BOOST_TEST(out.find(" T dso_provider_get_api\n") != std::string::npos, out);
}

BOOST_AUTO_TEST_CASE(loads_and_says_who_it_is) {
  void* library = dlopen(kLibrary.c_str(), RTLD_NOW | RTLD_LOCAL);
  BOOST_REQUIRE_MESSAGE(library, dlerror());
  const auto get = reinterpret_cast<decltype(&dso_provider_get_api)>(dlsym(library, DSO_PROVIDER_SYMBOL));
  BOOST_REQUIRE(get);
  const dso_provider_api* api = get(DSO_ABI_VERSION);
  BOOST_REQUIRE(api);
  BOOST_TEST(std::string(api->name) == "vault");
  BOOST_TEST(api->capabilities == std::uint64_t{DSO_CAP_VERSIONS | DSO_CAP_LIST | DSO_CAP_LEASES | DSO_CAP_EVENTS});
  BOOST_TEST((get(DSO_ABI_VERSION + (1u << 16)) == nullptr));
  dlclose(library);
}

BOOST_AUTO_TEST_SUITE_END()
