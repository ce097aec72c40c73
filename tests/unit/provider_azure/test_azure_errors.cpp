// The tables: every row of the error classes that Azure has.
#include <boost/test/unit_test.hpp>

#include "azure_errors.h"

using namespace azure;

BOOST_AUTO_TEST_SUITE(azure_errors)

namespace {

Facts facts(const std::string& body) {
  return facts_of(Document::parse(body));
}
Facts vault_error(const std::string& code, const std::string& inner = "", const std::string& message = "c4n4ry") {
  return facts(R"({"error":{"code":")" + code + R"(","message":")" + message + "\"" +
               (inner.empty() ? "" : R"(,"innererror":{"code":")" + inner + "\"}") + "}}");
}
const Context kRead{.operation = Context::Operation::read,
                    .vault = "kv",
                    .secret = "db",
                    .version = "",
                    .identity = {"app 3 (client secret)", "3"}};
Context version(const std::string& v) {
  Context c = kRead;
  c.version = v;
  return c;
}

}  // namespace

BOOST_AUTO_TEST_CASE(key_vault) {
  struct Row {
    int status;
    Facts facts;
    Context context;
    int cls;
    std::string code;
  };
  const Row rows[] = {
      {403, vault_error("Forbidden", "ForbiddenByRbac"), kRead, DSO_E_ACCESS_DENIED, "ForbiddenByRbac"},
      {403, vault_error("Forbidden", "ForbiddenByPolicy"), kRead, DSO_E_ACCESS_DENIED, "ForbiddenByPolicy"},
      {403, vault_error("Forbidden", "AccessDenied"), kRead, DSO_E_ACCESS_DENIED, "AccessDenied"},
      {403, vault_error("Forbidden", "ForbiddenByFirewall"), kRead, DSO_E_ACCESS_DENIED, "ForbiddenByFirewall"},
      {403, vault_error("Forbidden", "ForbiddenByConnection"), kRead, DSO_E_ACCESS_DENIED, "ForbiddenByConnection"},
      {403, vault_error("Forbidden"), kRead, DSO_E_ACCESS_DENIED, "Forbidden"},
      {403, vault_error("Forbidden", "SecretDisabled"), kRead, DSO_E_DISABLED, "SecretDisabled"},
      {401, vault_error("Unauthorized", "", "AKV10032: Invalid issuer"), kRead, DSO_E_INVALID_CREDENTIALS, "AKV10032"},
      {404, vault_error("SecretNotFound"), kRead, DSO_E_NOT_FOUND, "SecretNotFound"},
      {404, vault_error("SecretNotFound"), version("7"), DSO_E_VERSION_NOT_FOUND, "SecretNotFound"},
      {404, {}, kRead, DSO_E_MALFORMED, "404"},
      {404, facts("{}"), kRead, DSO_E_MALFORMED, "404"},
      {409, vault_error("Conflict", "ObjectIsDeletedButRecoverable"), kRead, DSO_E_DELETED, "ObjectIsDeletedButRecoverable"},
      {409, vault_error("Conflict"), kRead, DSO_E_UNAVAILABLE, "Conflict"},
      {429, vault_error("Throttled"), kRead, DSO_E_THROTTLED, "Throttled"},
      {500, {}, kRead, DSO_E_UNAVAILABLE, "500"},
      {503, vault_error("ServiceUnavailable"), kRead, DSO_E_UNAVAILABLE, "ServiceUnavailable"},
      {400, vault_error("BadParameter"), kRead, DSO_E_INVALID_REQUEST, "BadParameter"},
      {400, {}, kRead, DSO_E_MALFORMED, "400"},
  };
  for (const Row& row : rows) {
    Facts f = row.facts;
    f.request_id = "req";
    const auto failure = vault_failure(row.status, f, row.context);
    BOOST_TEST_CONTEXT(row.status << " " << row.code) {
      BOOST_TEST(static_cast<int>(failure.cls) == row.cls);
      BOOST_TEST(failure.store_code == row.code);
      BOOST_TEST(failure.identity == "app 3 (client secret)");
      BOOST_TEST(!failure.message.empty());
      BOOST_TEST(!failure.next_step.empty());
      BOOST_TEST((failure.request_id == "req" || failure.cls == DSO_E_MALFORMED));
      // nothing of the answer's own words
      BOOST_TEST((failure.message + failure.next_step).find("c4n4ry") == std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(next_steps_name_role_and_vault) {
  const auto rbac = vault_failure(403, vault_error("Forbidden", "ForbiddenByRbac"), kRead);
  BOOST_TEST(rbac.next_step.find("\"Key Vault Secrets User\" on vault 'kv'") != std::string::npos);
  BOOST_TEST(rbac.next_step.find("--assignee 3 ") != std::string::npos);
  const auto policy = vault_failure(403, vault_error("Forbidden", "ForbiddenByPolicy"), kRead);
  BOOST_TEST(policy.next_step.find("az keyvault set-policy --name kv --spn 3 --secret-permissions get list") !=
             std::string::npos);
  const auto wall = vault_failure(403, vault_error("Forbidden", "ForbiddenByFirewall"), kRead);
  BOOST_TEST(wall.message.find("firewall") != std::string::npos);
  const auto gone = vault_failure(409, vault_error("Conflict", "ObjectIsDeletedButRecoverable"), kRead);
  BOOST_TEST(gone.next_step.find("az keyvault secret recover --vault-name kv --name db") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(hints_how_long_to_wait) {
  constexpr std::int64_t kNow = 1795561317000;  // 24 Nov 2026 23:01:57
  BOOST_TEST(retry_after("", "", "", kNow) == -1);
  BOOST_TEST(retry_after("3", "", "", kNow) == 3000);
  BOOST_TEST(retry_after("", "250", "", kNow) == 250);
  BOOST_TEST(retry_after("", "", "750", kNow) == 750);
  BOOST_TEST(retry_after("1", "5000", "7000", kNow) == 7000);
  BOOST_TEST(retry_after("Tue, 24 Nov 2026 23:02:07 GMT", "", "", kNow) == 10000);
  BOOST_TEST(retry_after("Tue, 24 Nov 2026 22:00:00 GMT", "", "", kNow) == 0);
  BOOST_TEST(retry_after("soon", "-5", "x", kNow) == -1);
  Facts f = vault_error("Throttled");
  f.retry_after_ms = 1234;
  BOOST_TEST(vault_failure(429, f, kRead).retry_after_ms == 1234);
}

BOOST_AUTO_TEST_CASE(logins) {
  const auto refused = [](std::int64_t code, int status = 401, std::int64_t skew = 0, Proof proof = Proof::client_secret) {
    const Facts f = facts(R"({"error":"invalid_client","error_description":"AADSTS)" + std::to_string(code) +
                          R"(: c4n4ry","error_codes":[)" + std::to_string(code) + R"(],"trace_id":"tr-1"})");
    return login_failure(status, f, {proof, "t", "3", "/run/keys/azure", {"app 3 (client secret)", "3"}, skew});
  };
  for (const std::int64_t code : {7000215, 700016, 700024, 700027, 90002, 7000222, 123456}) {
    const auto f = refused(code, code == 700016 || code == 90002 ? 400 : 401);
    BOOST_TEST(static_cast<int>(f.cls) == DSO_E_INVALID_CREDENTIALS);
    BOOST_TEST(f.store_code == "AADSTS" + std::to_string(code));
    BOOST_TEST(f.request_id == "tr-1");
    BOOST_TEST(f.identity == "app 3 (client secret)");
    BOOST_TEST((f.message + f.next_step).find("c4n4ry") == std::string::npos);
    BOOST_TEST(!f.next_step.empty());
  }
  BOOST_TEST(refused(7000215).next_step.find("/run/keys/azure") != std::string::npos);
  BOOST_TEST(refused(90002, 400).message.find("tenant") != std::string::npos);
  // our own clock is the reason
  const auto skewed = refused(700024, 401, 10 * 60'000, Proof::certificate);
  BOOST_TEST(static_cast<int>(skewed.cls) == DSO_E_CLOCK_SKEW);
  BOOST_TEST(skewed.message.find("10 minutes behind") != std::string::npos);
  BOOST_TEST(static_cast<int>(refused(700024, 401, 60'000, Proof::certificate).cls) == DSO_E_INVALID_CREDENTIALS);

  BOOST_TEST(static_cast<int>(login_failure(429, {}, {}).cls) == DSO_E_THROTTLED);
  BOOST_TEST(static_cast<int>(login_failure(503, {}, {}).cls) == DSO_E_UNAVAILABLE);
  BOOST_TEST(static_cast<int>(login_failure(200, {}, {}).cls) == DSO_E_MALFORMED);
  // the number from the text where there is no list
  BOOST_TEST(facts(R"({"error":"invalid_client","error_description":"AADSTS7000215: x"})").aadsts == 7000215);
}

BOOST_AUTO_TEST_CASE(identity_endpoints) {
  const auto cls = [](int status, Endpoint e = Endpoint::vm) {
    return static_cast<int>(managed_failure(status, {}, e, "", "").cls);
  };
  BOOST_TEST(cls(400) == DSO_E_CREDENTIALS_UNAVAILABLE);
  BOOST_TEST(cls(403) == DSO_E_CREDENTIALS_UNAVAILABLE);
  BOOST_TEST(cls(401, Endpoint::app_service) == DSO_E_CREDENTIALS_UNAVAILABLE);
  BOOST_TEST(cls(404) == DSO_E_UNAVAILABLE);
  BOOST_TEST(cls(410) == DSO_E_UNAVAILABLE);
  BOOST_TEST(cls(429) == DSO_E_THROTTLED);
  BOOST_TEST(cls(500) == DSO_E_UNAVAILABLE);
  BOOST_TEST(managed_failure(400, {}, Endpoint::vm, "7", "").message.find("no identity 7") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(codes_that_are_no_words_are_not_shown) {
  BOOST_TEST(facts(R"({"error":{"code":"a secret: value"}})").code == "");
  BOOST_TEST(facts(R"({"error":"<script>"})").code == "");
}

BOOST_AUTO_TEST_SUITE_END()
