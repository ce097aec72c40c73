// The checks on a provider's table, and that a plugin of ours shows the process one symbol.
#include <boost/test/unit_test.hpp>

#include <cstdio>
#include <string>

#include "provider/library.h"
#include "source_fixture.h"

using namespace dso;

BOOST_AUTO_TEST_SUITE(provider_library)

namespace {

dso_provider_api good_table() {
  dso_provider_api api{};
  api.struct_size = sizeof api;
  api.abi = DSO_ABI_VERSION;
  api.name = "x";
  api.semver = "1.0.0";
  api.open = [](const dso_host*, dso_str, dso_instance**, dso_error*) -> int32_t { return 0; };
  api.fetch = [](dso_instance*, const dso_ref*, size_t, dso_request*, dso_error*) -> int32_t { return 0; };
  api.close = [](dso_instance*) {};
  return api;
}

std::string output_of(const std::string& command) {
  std::string out;
  FILE* pipe = popen(command.c_str(), "r");
  for (int c; pipe && (c = std::fgetc(pipe)) != EOF;) out += static_cast<char>(c);
  if (pipe) pclose(pipe);
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_newer_minor_and_a_longer_table_fit) {
  dso_provider_api api = good_table();
  api.abi = DSO_ABI_VERSION + 9;
  api.struct_size = sizeof api + 64;
  BOOST_TEST(check_api(&api).api == &api);
}

BOOST_AUTO_TEST_CASE(each_misfit_is_refused_with_its_reason) {
  dso_provider_api api = good_table();
  api.name = nullptr;
  BOOST_TEST(check_api(&api).problem.find("its name") == 0u);
  api = good_table();
  api.name = "Up";
  BOOST_TEST(check_api(&api).problem.find("its name") == 0u);
  api = good_table();
  const std::string endless(10000, 'a');
  api.name = endless.c_str();
  BOOST_TEST(check_api(&api).problem.find("its name") == 0u);
  api = good_table();
  api.semver = "1\n2";
  BOOST_TEST(check_api(&api).problem.find("its version") == 0u);
  api = good_table();
  api.close = nullptr;
  BOOST_TEST(check_api(&api).problem == "its table has no 'close'");
}

BOOST_AUTO_TEST_CASE(a_plugin_exports_one_symbol) {
  BOOST_TEST(output_of("nm -D --defined-only " + test::kPlugins + "/libdso_provider_good.so | awk '{print $NF}'") ==
             "dso_provider_get_api\n");
}

BOOST_AUTO_TEST_SUITE_END()
