// The rows of section "host" about DSO's own files, each check once right and once wrong; and docs/doctor.md, which has every
// check.
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <sstream>

#include "doctor_check.h"
#include "logic/doctor_files.h"
#include "places.h"

BOOST_AUTO_TEST_SUITE(doctor_files)

namespace {

using namespace dso;

BOOST_AUTO_TEST_CASE(the_config) {
  const auto with = [](Diagnostic::Severity severity) {
    Diagnostic d;
    d.severity = severity;
    d.key = "secrts";
    d.message = "unknown key";
    return config_checks({"dso.yaml", {}, {d}});
  };
  BOOST_TEST(level(config_checks({"dso.yaml", {}, {}}), "host.config") == "ok");
  BOOST_TEST(level(config_checks({}), "host.config") == "info");
  BOOST_TEST(level(with(Diagnostic::Severity::warning), "host.config") == "warn");
  BOOST_TEST(found(with(Diagnostic::Severity::error), "host.config") ==
             "error: it is not valid, the first of 1 error(s): secrts: unknown key");
  BOOST_TEST(level(config_checks({"", make_error(ErrorClass::config, "Cannot read", "denied", "Run."), {}}), "host.config") ==
             "error");
}

BOOST_AUTO_TEST_CASE(permissions) {
  const auto one = [](unsigned mode, std::uint32_t uid, bool secret) {
    return permission_checks({{"/etc/dso/x", "file", mode, uid, secret}}, 1000);
  };
  for (const unsigned mode : {0600u, 0644u, 0755u}) BOOST_TEST(level(one(mode, 0, false), "host.permission") == "ok");
  BOOST_TEST(level(one(0600, 1000, true), "host.permission") == "ok");
  BOOST_TEST(found(one(0664, 0, false), "host.permission") == "error: its group may change the file (mode 0664)");
  BOOST_TEST(fix(one(0664, 0, false), "host.permission") == "unwritable");
  BOOST_TEST(found(one(0604, 0, true), "host.permission") == "error: everybody may read the file (mode 0604)");
  BOOST_TEST(fix(one(0604, 0, true), "host.permission") == "private");
  BOOST_TEST(level(one(0600, 1001, true), "host.permission") == "error");
  BOOST_TEST(fix(one(0666, 1001, true), "host.permission") == "", "somebody else's file is not ours to change");
  BOOST_TEST(level(permission_checks({{"dso.yaml", "config", 0644, 1000, false}}, 0), "host.permission") == "error");
  const auto named =
      permission_checks({{"/etc/dso/x", "file", 0600, 0, false}}, 0,
                        {make_error(ErrorClass::config, "Cannot use the ca_file '/c'", "its owner is uid 7", "chown.")});
  BOOST_TEST(found(named, "host.permission") == "error: Cannot use the ca_file '/c': its owner is uid 7");
  BOOST_TEST(permission_checks({}, 0).empty());
}

BOOST_AUTO_TEST_CASE(providers) {
  ProviderFolderFacts f{"/p", {"vault"}, {}, true, true, {{"vault", "/p/libdso_provider_vault.so", ""}}};
  BOOST_TEST(level(provider_checks(f), "host.providers") == "ok");
  f.files[0].problem = "its SHA-256 is another";
  BOOST_TEST(level(provider_checks(f), "host.providers") == "error");
  f.needed.clear();
  BOOST_TEST(level(provider_checks(f), "host.providers") == "warn", "the config does not use it");
  f.files.clear();
  f.needed = {"aws"};
  BOOST_TEST(level(provider_checks(f), "host.providers") == "error");
  f.files = {{"aws", "", ""}};
  f.locked = false;
  BOOST_TEST(level(provider_checks(f), "host.providers") == "info");
  f.error = make_error(ErrorClass::plugin, "Cannot use", "everybody may write it", "chmod go-w");
  BOOST_TEST(level(provider_checks(f), "host.providers") == "error");
  f.there = false;
  f.needed.clear();
  BOOST_TEST(level(provider_checks(f), "host.providers") == "ok");
}

BOOST_AUTO_TEST_CASE(authorities) {
  BOOST_TEST(level(ca_checks("/etc/ssl/x.pem", true, true), "host.ca") == "ok");
  BOOST_TEST(level(ca_checks("/etc/ssl/x.pem", false, true), "host.ca") == "error");
  BOOST_TEST(level(ca_checks("", false, true), "host.ca") == "warn");
  BOOST_TEST(level(ca_checks("", false, false), "host.ca") == "info");
}

BOOST_AUTO_TEST_CASE(the_docs_have_every_check_and_no_other) {
  std::ifstream file(test::in_tree("docs/doctor.md"));
  std::set<std::string> documented, known;
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("| `")) documented.insert(line.substr(3, line.find('`', 3) - 3));
  for (const std::string_view check : kDoctorChecks) known.emplace(check);
  BOOST_TEST(documented == known, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
