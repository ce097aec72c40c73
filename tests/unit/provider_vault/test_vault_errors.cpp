// The table of Vault's answers: a row each, with the class and what the operator is told.
#include "vault_errors.h"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(vault_errors)

namespace {

using vault::Context;
using vault::Operation;

dso::sdk::Failure of(int status, const std::string& body, const Context& c = {.path = "secret/data/x"},
                     std::string_view retry_after = {}) {
  return vault::failure_of(status, vault::facts_of(vault::Document::parse(body)), c, retry_after);
}
std::string errors(const std::string& text) {
  return R"({"errors":[")" + text + R"("]})";
}

}  // namespace

BOOST_AUTO_TEST_CASE(classes) {
  struct Row {
    int status;
    std::string body;
    Operation operation;
    dso_class cls;
  };
  const Row rows[] = {
      {403, errors("permission denied"), Operation::read, DSO_E_ACCESS_DENIED},
      {403, errors("permission denied"), Operation::lookup_self, DSO_E_INVALID_CREDENTIALS},
      {403, errors("permission denied"), Operation::login, DSO_E_ACCESS_DENIED},
      {400, errors("invalid role ID"), Operation::login, DSO_E_INVALID_CREDENTIALS},
      {400, errors("invalid secret id"), Operation::login, DSO_E_INVALID_CREDENTIALS},
      {400, errors("invalid role or secret ID"), Operation::login, DSO_E_INVALID_CREDENTIALS},
      {400, errors("something new"), Operation::login, DSO_E_INVALID_CREDENTIALS},
      {400, errors("wrapping token is not valid or does not exist"), Operation::unwrap, DSO_E_INVALID_CREDENTIALS},
      {400, errors("something new"), Operation::unwrap, DSO_E_INVALID_CREDENTIALS},
      {400, errors("lease not found"), Operation::renew_lease, DSO_E_LEASE_LOST},
      {400, errors("lease is not renewable"), Operation::renew_lease, DSO_E_LEASE_LOST},
      {400, errors("Upgrading from non-versioned to versioned data."), Operation::read, DSO_E_UNAVAILABLE},
      {400, errors("something new"), Operation::read, DSO_E_INVALID_REQUEST},
      {405, errors("unsupported operation"), Operation::read, DSO_E_INVALID_REQUEST},
      {404, R"({"errors":[]})", Operation::read, DSO_E_NOT_FOUND},
      {404, R"({"errors":[]})", Operation::login, DSO_E_INVALID_REQUEST},
      {404, errors(R"(no handler for route \"nomount/data/x\". route entry not found.)"), Operation::read, DSO_E_INVALID_REQUEST},
      {404, errors("namespace not found"), Operation::read, DSO_E_INVALID_REQUEST},
      {404, R"({"data":null,"warnings":["Invalid path for a versioned K/V secrets engine. See"]})", Operation::read,
       DSO_E_INVALID_REQUEST},
      {404, R"({"data":{"data":null,"metadata":{"deletion_time":"2026-01-01T00:00:00Z","destroyed":false}}})", Operation::read,
       DSO_E_DELETED},
      {404, R"({"data":{"data":null,"metadata":{"deletion_time":"","destroyed":true}}})", Operation::read, DSO_E_DELETED},
      {412, errors("required index state not present"), Operation::read, DSO_E_UNAVAILABLE},
      {472, "{}", Operation::read, DSO_E_UNAVAILABLE},
      {473, "{}", Operation::read, DSO_E_UNAVAILABLE},
      {429, errors("request path: rate limit quota exceeded"), Operation::read, DSO_E_THROTTLED},
      {500, errors("internal error"), Operation::read, DSO_E_UNAVAILABLE},
      {502, errors("upstream"), Operation::read, DSO_E_UNAVAILABLE},
      {503, errors("Vault is sealed"), Operation::read, DSO_E_UNAVAILABLE},
      {503, errors("Vault is sealed"), Operation::login, DSO_E_UNAVAILABLE},
      {503, "<html>no backend</html>", Operation::read, DSO_E_UNAVAILABLE},
      {307, "", Operation::read, DSO_E_UNAVAILABLE},
      {401, errors("who are you"), Operation::read, DSO_E_INVALID_CREDENTIALS},
      {418, "{}", Operation::read, DSO_E_INVALID_REQUEST},
      {404, "<html>not here</html>", Operation::read, DSO_E_MALFORMED},
      {403, "<html>captive portal</html>", Operation::read, DSO_E_MALFORMED},
      {400, R"({"errors":["inv)", Operation::login, DSO_E_MALFORMED},
      {404, "", Operation::read, DSO_E_MALFORMED},
      {404, "[]", Operation::read, DSO_E_MALFORMED},
  };
  for (const Row& r : rows) {
    const auto f = of(r.status, r.body, {.operation = r.operation, .path = "p"});
    BOOST_TEST(f.cls == r.cls, r.status << " " << r.body << " gave class " << f.cls << ": " << f.message);
    BOOST_TEST(f.store_code == std::to_string(r.status));
    BOOST_TEST(!f.message.empty());
    BOOST_TEST(f.next_step.size() > 5, r.status << " " << r.body);
    BOOST_TEST(f.next_step.ends_with('.'), f.next_step);
  }
}

BOOST_AUTO_TEST_CASE(next_steps_name_what_to_do) {
  BOOST_TEST(of(403, errors("permission denied")).next_step ==
             "Add to its policy: path \"secret/data/x\" { capabilities = [\"read\"] }.");
  BOOST_TEST(of(403, errors("permission denied"), {.operation = Operation::list, .path = "secret/metadata/"}).next_step ==
             "Add to its policy: path \"secret/metadata/\" { capabilities = [\"list\"] }.");
  BOOST_TEST(of(403, errors("permission denied"), {.path = "secret/data/x", .ns = "team"}).next_step ==
             "Add to its policy in namespace 'team': path \"secret/data/x\" { capabilities = [\"read\"] }.");
  BOOST_TEST(of(503, errors("Vault is sealed")).message == "Vault is sealed");
  BOOST_TEST(of(503, errors("Vault is sealed")).next_step.find("unseal") != std::string::npos);
  BOOST_TEST(of(404, R"({"data":{"metadata":{"destroyed":true}}})").message.find("destroyed") != std::string::npos);
  BOOST_TEST(of(404, R"({"data":{"metadata":{"deletion_time":"x"}}})").next_step.find("undelete") != std::string::npos);
  BOOST_TEST(of(400, errors("wrapping token is not valid or does not exist"), {.operation = Operation::unwrap})
                 .message.find("somebody else") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_refused_login_says_what_to_check_by_its_method) {
  struct Row {
    std::string_view method;
    std::string text;
    dso_class cls;
    std::string_view next;
  };
  const Row rows[] = {
      {"approle", "invalid secret id", DSO_E_INVALID_CREDENTIALS, "auth/approle/role/NAME/secret-id"},
      {"approle", "invalid role ID", DSO_E_INVALID_CREDENTIALS, "role_id"},
      {"jwt", R"(role \"x\" could not be found)", DSO_E_INVALID_CREDENTIALS, "vault list auth/m/role"},
      {"kubernetes", R"(invalid role name \"x\")", DSO_E_INVALID_CREDENTIALS, "vault list auth/m/role"},
      {"jwt", "error validating token: invalid expiration time (exp) claim: token is expired", DSO_E_INVALID_CREDENTIALS,
       "jwt_file"},
      {"jwt", "error validating token: invalid not before (nbf) claim: token not yet valid", DSO_E_CLOCK_SKEW, "NTP"},
      {"jwt", "error validating token: invalid issued at (iat) claim: token issued in the future", DSO_E_CLOCK_SKEW, "NTP"},
      {"jwt", "error validating token: error verifying token signature: no known key", DSO_E_INVALID_CREDENTIALS, "keys"},
      {"cert", "invalid certificate or no client certificate supplied", DSO_E_INVALID_CREDENTIALS, "client_cert"},
      {"userpass", "invalid username or password", DSO_E_INVALID_CREDENTIALS, "password_file"},
  };
  for (const Row& r : rows) {
    const auto f = of(400, errors(r.text), {.operation = Operation::login, .path = "auth/m/login", .method = r.method});
    BOOST_TEST(f.cls == r.cls, r.text);
    BOOST_TEST(f.next_step.find(r.next) != std::string::npos, r.text << ": " << f.next_step);
    BOOST_TEST(f.next_step.ends_with('.'));
  }
  const auto locked = of(403, errors("permission denied"), {.operation = Operation::login, .path = "p", .method = "userpass"});
  BOOST_TEST(locked.next_step.find("locked") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_missing_version_is_told_from_a_missing_secret) {
  const auto f = of(404, R"({"errors":[]})", {.path = "secret/data/x", .version = "9"});
  BOOST_TEST(f.cls == DSO_E_VERSION_NOT_FOUND);
  BOOST_TEST(f.message.find("'9'") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_stores_own_facts_are_kept) {
  const auto f =
      of(404, R"({"request_id":"31ce","data":{"metadata":{"deletion_time":"x"}}})", {.path = "p", .identity = "approle dso"});
  BOOST_TEST(f.request_id == "31ce");
  BOOST_TEST(f.identity == "approle dso");
}

BOOST_AUTO_TEST_CASE(retry_after_in_seconds) {
  BOOST_TEST(of(429, errors("x"), {}, "2").retry_after_ms == 2000);
  BOOST_TEST(of(503, "", {}, "1").retry_after_ms == 1000);
  for (const char* bad : {"", "-1", "1.5", "Wed, 21 Oct 2015 07:28:00 GMT", "99999999999999999999", "99999999"})
    BOOST_TEST(of(429, errors("x"), {}, bad).retry_after_ms == -1, bad);
}

BOOST_AUTO_TEST_CASE(no_text_of_an_answer_reaches_an_error) {
  const std::string canary = "c4n4ry-hunter2";
  for (const int status : {400, 401, 403, 404, 405, 412, 429, 500, 502, 503, 307})
    for (const Operation op : {Operation::read, Operation::metadata, Operation::list, Operation::mount_lookup, Operation::login,
                               Operation::renew_token, Operation::lookup_self, Operation::unwrap, Operation::renew_lease})
      for (const std::string& body :
           {errors(canary), errors("lease not found: " + canary), canary, R"({"data":{"data":{"p":")" + canary + "\"}}}"}) {
        const auto f = of(status, body, {.operation = op, .path = "p"});
        BOOST_TEST((f.message + f.next_step + f.store_code + f.request_id).find(canary) == std::string::npos);
      }
}

BOOST_AUTO_TEST_SUITE_END()
