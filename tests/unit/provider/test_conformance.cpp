// `dso provider test` on libraries with one mistake each: every mistake is the row that it should be.
#include <boost/test/unit_test.hpp>

#include "provider/conformance.h"
#include "provider/provider_lock.h"
#include "source_fixture.h"

using namespace dso;
using namespace dso::test;

BOOST_AUTO_TEST_SUITE(provider_conformance)

namespace {

std::optional<ProviderInstance> instance_of(const std::string& type, const std::string& sandbox = "strict") {
  ProviderInstance i;
  i.name = "prod";
  i.type = type;
  i.sandbox = sandbox;
  return i;
}

/// "check: status: detail" a row.
std::vector<std::string> check(const std::string& kind, std::optional<ProviderInstance> instance = {},
                               const std::string& secret = {}) {
  ConformanceRequest request;
  request.path = kPlugins + "/" + provider_file_name(kind);
  request.exe = kHost;
  request.secret = secret;
  request.instance = [&](const std::string&) { return Result<std::optional<ProviderInstance>>(instance); };
  request.env = [](const std::string&) -> const char* { return nullptr; };
  const auto rows = check_conformance(request, {});
  BOOST_REQUIRE(rows.has_value());
  std::vector<std::string> out;
  for (const auto& r : *rows) out.push_back(r.check + ": " + std::string(status_name(r.status)) + ": " + r.detail);
  return out;
}

std::string row(const std::vector<std::string>& rows, const std::string& name) {
  for (const auto& r : rows)
    if (r.starts_with(name + ": ")) return r.substr(name.size() + 2);
  return "no such row";
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_library_that_answers_for_anything) {
  const auto rows = check("good", {}, "db");
  BOOST_TEST(row(rows, "file").starts_with("ok: SHA-256 "));
  BOOST_TEST(row(rows, "symbols") == "ok: exports dso_provider_get_api alone");
  BOOST_TEST(row(rows, "load") == "ok: good 1.2.3, ABI 1.0, a table of the right size");
  BOOST_TEST(row(rows, "name") == "ok: good");
  BOOST_TEST(row(rows, "sandbox") == "ok: strict");
  BOOST_TEST(row(rows, "open") == "ok: with an empty config");
  BOOST_TEST(row(rows, "missing secret") == "failed: it gives an answer for a secret that is not there");
  BOOST_TEST(row(rows, "fetch") == "ok: fields user, password; version v1");
  BOOST_TEST(row(rows, "fetch again") == "ok: the same version and values");
  BOOST_TEST(row(rows, "batch") == "failed: it gives an answer for a secret that is not there");
  BOOST_TEST(row(rows, "versions") == "ok: agrees with fetch: v1");
  BOOST_TEST(row(rows, "list") == "ok: 2 names");
  BOOST_TEST(row(rows, "unknown lease") == "failed: it renews a lease that nobody has given");
  BOOST_TEST(rows.size() == 13u);
}

BOOST_AUTO_TEST_CASE(a_secret_that_cannot_be_fetched) {
  const auto rows = check("good", instance_of("good"), "missing");
  BOOST_TEST(row(rows, "open") == "ok: with the instance 'prod'");
  BOOST_TEST(row(rows, "fetch") == "failed: NotFound: no such secret (404, request req-7, as tester). Create it.");
  for (const char* skipped : {"fetch again", "batch", "versions"})
    BOOST_TEST(row(rows, skipped) == "skipped: the secret could not be fetched");
  BOOST_TEST(row(check("good"), "fetch") == "skipped: no --secret NAME was given");
}

BOOST_AUTO_TEST_CASE(another_value_under_the_same_version) {
  ConformanceRequest request;
  request.path = kPlugins + "/" + provider_file_name("good");
  request.exe = kHost;
  request.secret = "env GOOD_COUNT";
  request.instance = [](const std::string&) { return Result<std::optional<ProviderInstance>>(std::nullopt); };
  std::string count;
  request.env = [&count](const std::string&) { return (count += "I").c_str(); };
  const auto rows = check_conformance(request, {});
  BOOST_REQUIRE(rows.has_value());
  for (const auto& r : *rows)
    if (r.check == "fetch again")
      BOOST_TEST(std::string(status_name(r.status)) + ": " + r.detail == "failed: another value under the same version v1");
}

BOOST_AUTO_TEST_CASE(what_is_not_loaded) {
  const std::pair<std::string, std::string> cases[] = {
      {"wrong-abi", "failed: it was built for provider ABI 2.3, this DSO has ABI 1.0"},
      {"short-table", "failed: its table has 40 bytes, ABI 1.0 needs "},
      {"null-api", "failed: it cannot serve a host with provider ABI 1.0"},
      {"no-fetch", "failed: its table has no 'fetch'"},
      {"no-symbol", "failed: it does not export dso_provider_get_api"},
      {"crash-in-constructor", "failed: it crashed (SIGABRT) while it was loaded"}};
  for (const auto& [kind, said] : cases) {
    const auto rows = check(kind);
    BOOST_TEST(row(rows, "load").starts_with(said), kind + ": " + row(rows, "load"));
    BOOST_TEST(row(rows, "open") == "skipped: it was not loaded");
    BOOST_TEST(row(rows, "unknown lease") == "skipped: it was not loaded");
  }
  BOOST_TEST(row(check("no-symbol"), "symbols").starts_with("failed: exports 0 symbols, not dso_provider_get_api alone"));
  BOOST_TEST(row(check("extra-symbol"), "symbols").starts_with("failed: exports 2 symbols, not dso_provider_get_api alone"));
}

BOOST_AUTO_TEST_CASE(what_dies) {
  const auto rows = check("crash-in-open");
  BOOST_TEST(row(rows, "open") == "failed: it crashed (SIGABRT)");
  BOOST_TEST(row(rows, "fetch") == "skipped: its process is gone");
}

BOOST_AUTO_TEST_CASE(a_config_that_it_refuses) {
  auto instance = instance_of("good");
  instance->settings["refuse"] = "1";
  const auto rows = check("good", instance);
  BOOST_TEST(row(rows, "open") ==
             "failed: it refuses to open with the instance 'prod': InvalidRequest: the setting 'refuse' is set");
  BOOST_TEST(row(rows, "missing secret") == "skipped: it was not opened");
}

BOOST_AUTO_TEST_CASE(another_name_than_its_file) {
  const auto rows = check("wrong-name");
  BOOST_TEST(row(rows, "name") == "failed: it calls itself 'other', its file says 'wrong-name'");
}

BOOST_AUTO_TEST_CASE(a_network_of_its_own_needs_consent) {
  BOOST_TEST(row(check("network"), "sandbox") == "failed: it brings its own network stack: its instance needs sandbox: network");
  const auto rows = check("network", instance_of("network", "network"));
  BOOST_TEST(row(rows, "sandbox") == "ok: network");
  BOOST_TEST(row(rows, "open") == "ok: with the instance 'prod'");
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_there) {
  const auto rows = check("nowhere");
  BOOST_TEST(row(rows, "file").starts_with("failed: Cannot open the provider '"));
  BOOST_TEST(row(rows, "open") == "skipped: it was not loaded");
}

BOOST_AUTO_TEST_SUITE_END()
