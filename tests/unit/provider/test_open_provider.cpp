// From a provider's file to its process: which file is opened, what is listed, what runs.
#include <boost/test/unit_test.hpp>

#include <filesystem>

#include "provider/provider_source.h"
#include "source_fixture.h"

using namespace dso;
using namespace dso::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(provider_open)

BOOST_AUTO_TEST_CASE(open_provider_and_list_providers) {
  ProviderInstance instance;
  instance.name = "default";
  instance.type = "good";
  const ProviderHostOptions options{kPlugins, kHost};
  auto source = open_provider(instance, options, Deadline::in(20s));
  BOOST_REQUIRE(source.has_value());
  BOOST_TEST(field(fetch_one(**source, "one"), "user") == "app");

  instance.type = "vualt";
  auto none = open_provider(instance, options, Deadline::in(20s));
  BOOST_REQUIRE(none.has_error());
  BOOST_TEST((none.error().cls == ErrorClass::config));
  BOOST_TEST(render(none.error())
                 .find("Cannot open the provider 'default': No provider of type 'vualt': '" + kPlugins +
                       "/libdso_provider_vualt.so' does not exist. There are: ") == 0u);
  instance.type = "../good";
  BOOST_TEST(open_provider(instance, options, Deadline::in(20s)).has_error());

  const auto all = list_providers(options);
  int seen = 0;
  for (const auto& p : all) {
    if (p.type == "good") {
      BOOST_TEST(p.semver == "1.2.3");
      BOOST_TEST(p.abi == "1.0");
      BOOST_TEST(p.sha256.size() == 64u);
      BOOST_TEST(p.problem == "");
      ++seen;
    }
    if (p.type == "wrong-abi") {
      BOOST_TEST(
          p.problem ==
          "it was built for provider ABI 2.3, this DSO has ABI 1.0. Update DSO, or install an older release of the provider.");
      ++seen;
    }
  }
  BOOST_TEST(seen == 2);
  BOOST_TEST(list_providers({kPlugins + "/none", kHost}).empty());
}

BOOST_AUTO_TEST_CASE(what_was_opened_is_what_runs) {
  const auto folder = std::filesystem::temp_directory_path() / ("dso-swap-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const auto path = folder / "libdso_provider_good.so";
  std::filesystem::copy_file(kPlugins + "/libdso_provider_good.so", path);
  SourceParts parts;
  parts.instance.name = "prod";
  parts.instance.type = "good";
  parts.file = open_provider_file(folder.string(), "good").value();
  std::filesystem::remove(path);
  std::filesystem::copy_file(kPlugins + "/libdso_provider_crash-in-open.so", path);
  parts.exe = kHost;
  parts.env = [](const std::string&) -> const char* { return nullptr; };
  parts.random = [] { return 0.0; };
  SupervisedSource source(std::move(parts));
  BOOST_TEST(field(fetch_one(source, "one"), "user") == "app");
  std::filesystem::remove_all(folder);
}

BOOST_AUTO_TEST_CASE(a_program_that_is_not_there) {
  SourceFixture f("good");
  SourceParts parts;
  parts.instance = f.instance;
  parts.file = open_provider_file(kPlugins, "good").value();
  parts.exe = "/nonexistent/dso";
  parts.env = [](const std::string&) -> const char* { return nullptr; };
  parts.random = [] { return 0.0; };
  SupervisedSource source(std::move(parts));
  const auto opened = source.open(Deadline::in(20s), {});
  BOOST_REQUIRE(opened.has_error());
  BOOST_TEST(render(opened.error()).find("Cannot start the provider process '/nonexistent/dso': No such file or directory") !=
             std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
