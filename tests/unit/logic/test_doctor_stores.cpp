// Each row about stores and their secrets: once well, once not.
#include <boost/test/unit_test.hpp>

#include "doctor_check.h"
#include "logic/doctor_stores.h"

using namespace dso;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(doctor_stores_rows)

namespace {

Error failed(ErrorClass cls, std::string cause = "cause", std::string next = "Next.") {
  Error e = make_error(cls, "Failed to fetch secret 'db'", std::move(cause), std::move(next));
  return e;
}

/// A store that answers, with one secret.
StoreProbe good() {
  StoreProbe s;
  s.instance = "prod";
  s.type = "vault";
  s.identity = "approle dso";
  s.tls = true;
  s.secrets = {{"db", "4", 12ms, {}}};
  s.clock_ahead = 1s;
  return s;
}
StoreProbe with(ErrorClass cls) {
  StoreProbe s = good();
  s.secrets[0].error = failed(cls);
  return s;
}
StoreProbe unopened(ErrorClass cls) {
  StoreProbe s = with(cls);
  s.error = s.secrets[0].error;
  s.identity.clear();
  s.clock_ahead.reset();
  return s;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_store_that_answers) {
  const auto rows = doctor_stores({good()});
  BOOST_TEST(said(rows, "store.provider") == "ok: type vault");
  BOOST_TEST(said(rows, "store.identity") == "ok: approle dso");
  BOOST_TEST(said(rows, "store.reachable") == "ok: it answers");
  BOOST_TEST(said(rows, "store.tls") == "ok: its certificate is trusted");
  BOOST_TEST(said(rows, "store.clock") == "ok: this host's clock agrees with the store's");
  BOOST_TEST(said(rows, "secret.fetch") == "ok: version 4 in 12 ms, vault as approle dso");
  BOOST_TEST(row_of(rows, "secret.fetch").subject == "prod/db");
  BOOST_TEST(!there(rows, "store.imds"));
}

BOOST_AUTO_TEST_CASE(a_proxy_that_only_the_environment_names) {
  BOOST_TEST(!there(doctor_stores({good()}), "store.proxy"));
  StoreProbe s = with(ErrorClass::network);
  s.ignored_proxy = "HTTPS_PROXY does not count";
  BOOST_TEST(said(doctor_stores({s}), "store.proxy") == "info: HTTPS_PROXY does not count");
}

BOOST_AUTO_TEST_CASE(a_plain_address_has_no_certificate) {
  StoreProbe s = good();
  s.tls = false;
  BOOST_TEST(!there(doctor_stores({s}), "store.tls"));
}

BOOST_AUTO_TEST_CASE(a_denied_secret_says_what_is_missing_and_is_the_secrets_alone) {
  StoreProbe s = good();
  s.secrets[0].error = failed(ErrorClass::access_denied, "permission denied", "Add to its policy: path \"secret/data/db\" …");
  const auto rows = doctor_stores({s});
  BOOST_TEST(said(rows, "secret.fetch") ==
             "error: AccessDenied: permission denied | Add to its policy: path \"secret/data/db\" …");
  BOOST_TEST(said(rows, "store.identity") == "ok: approle dso");
  BOOST_TEST(said(rows, "store.reachable") == "ok: it answers");
}

BOOST_AUTO_TEST_CASE(not_found_is_the_secrets_alone) {
  const auto rows = doctor_stores({with(ErrorClass::not_found)});
  BOOST_TEST(said(rows, "secret.fetch").starts_with("error: "));
  BOOST_TEST(said(rows, "store.reachable") == "ok: it answers");
}

BOOST_AUTO_TEST_CASE(no_identity) {
  for (const ErrorClass cls : {ErrorClass::credentials_unavailable, ErrorClass::invalid_credentials}) {
    const auto rows = doctor_stores({with(cls)});
    BOOST_TEST(said(rows, "store.identity").starts_with("error: "));
    BOOST_TEST(said(rows, "secret.fetch") == "info: not read: see the rows of 'prod'");
    BOOST_TEST(!there(rows, "store.reachable"));
  }
  BOOST_TEST(said(doctor_stores({unopened(ErrorClass::access_denied)}), "store.identity").starts_with("error: "));
}

BOOST_AUTO_TEST_CASE(a_store_that_does_not_answer_is_said_once) {
  for (const ErrorClass cls : {ErrorClass::network, ErrorClass::timeout, ErrorClass::unavailable, ErrorClass::throttled}) {
    const auto rows = doctor_stores({unopened(cls)});
    BOOST_TEST(said(rows, "store.reachable").starts_with("error: "));
    BOOST_TEST(said(rows, "store.identity") == "info: not known yet: the store was not reached");
    BOOST_TEST(said(rows, "secret.fetch") == "info: not read: see the rows of 'prod'");
    BOOST_TEST(!there(rows, "store.tls"));
  }
}

BOOST_AUTO_TEST_CASE(a_certificate_that_is_not_trusted) {
  const auto rows = doctor_stores({with(ErrorClass::tls)});
  BOOST_TEST(said(rows, "store.tls").starts_with("error: "));
  BOOST_TEST(!there(rows, "store.reachable"));
}

BOOST_AUTO_TEST_CASE(a_provider_that_cannot_be_used) {
  const auto rows = doctor_stores({unopened(ErrorClass::plugin)});
  BOOST_TEST(said(rows, "store.provider").starts_with("error: "));
  BOOST_TEST(!there(rows, "store.identity"));
  StoreProbe unused = unopened(ErrorClass::not_found);
  BOOST_TEST(said(doctor_stores({unused}), "store.provider").starts_with("error: "));
  unused.secrets.clear();  // a local store that is not there yet
  BOOST_TEST(said(doctor_stores({unused}), "store.provider").starts_with("info: "));
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_off) {
  StoreProbe s = good();
  s.clock_ahead = -90s;
  BOOST_TEST(said(doctor_stores({s}), "store.clock") ==
             "warn: this host's clock is 1m30s behind the store's | Set the clock: timedatectl set-ntp true");
  s.clock_ahead = 301s;
  BOOST_TEST(said(doctor_stores({s}), "store.clock").starts_with("error: this host's clock is 5m1s ahead of"));
  s.clock_ahead.reset();
  s.secrets[0].error = failed(ErrorClass::clock_skew);
  BOOST_TEST(said(doctor_stores({s}), "store.clock").starts_with("error: "));
}

BOOST_AUTO_TEST_CASE(the_metadata_service_from_the_host_and_from_a_container) {
  StoreProbe s = good();
  s.imds = ImdsProbe{"http://169.254.169.254", "", "api", false, ""};
  auto rows = doctor_stores({s});
  BOOST_TEST(said(rows, "store.imds") == "ok: http://169.254.169.254 answers this host");
  BOOST_TEST(said(rows, "store.imds_container").starts_with("ok: it does not answer in the network of 'api'"));
  s.imds->inside = true;
  BOOST_TEST(said(doctor_stores({s}), "store.imds_container").starts_with("info: it answers in the network of 'api' too"));
  s.imds = ImdsProbe{"http://169.254.169.254", "timed out", "", false, "it needs root"};
  rows = doctor_stores({s});
  BOOST_TEST(said(rows, "store.imds").starts_with("error: http://169.254.169.254 does not answer this host: timed out"));
  BOOST_TEST(said(rows, "store.imds_container") == "info: not tried from a container: it needs root");
}

BOOST_AUTO_TEST_SUITE_END()
