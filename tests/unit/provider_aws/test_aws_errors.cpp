// The table: every row of codes, what the texts name, and that nothing of an answer gets into them.
#include <boost/test/unit_test.hpp>

#include "aws_errors.h"
#include "provider_aws/fake_aws.h"

BOOST_AUTO_TEST_SUITE(aws_errors)

namespace {

using aws::Context;
using aws::ErrorFacts;

ErrorFacts facts(const std::string& code, const std::string& message = "", int status = 400) {
  return aws::facts_of(status, {.error_type = {}, .request_id = "req-1", .retry_after_ms = {}, .retry_after_s = {}},
                       R"({"__type":")" + code + R"(","Message":")" + message + "\"}");
}
const Context kAsked{.action = "secretsmanager:GetSecretValue",
                     .resource = "arn:aws:secretsmanager:eu-west-1:*:secret:myapp/db-??????",
                     .name = "myapp/db",
                     .version = "",
                     .region = "eu-west-1",
                     .identity = "role arn:aws:iam::1:role/dso"};
Context with_version() {
  Context c = kAsked;
  c.version = "AWSPREVIOUS";
  return c;
}

}  // namespace

BOOST_AUTO_TEST_CASE(codes_to_classes) {
  struct Row {
    const char *code, *message;
    int cls;
    int status = 400;
  };
  const Row rows[] = {
      {"AccessDeniedException", "User: arn:aws:iam::1:user/x is not authorized", DSO_E_ACCESS_DENIED},
      {"AccessDenied", "", DSO_E_ACCESS_DENIED, 403},
      {"AccessDeniedException", "Access to KMS is not allowed", DSO_E_DECRYPT_FAILED},
      {"DecryptionFailure", "", DSO_E_DECRYPT_FAILED},
      {"UnrecognizedClientException", "", DSO_E_INVALID_CREDENTIALS},
      {"InvalidClientTokenId", "", DSO_E_INVALID_CREDENTIALS, 403},
      {"InvalidSignatureException", "The request signature we calculated does not match", DSO_E_INVALID_CREDENTIALS},
      {"InvalidSignatureException", "Signature expired: 20150830 is now earlier than", DSO_E_CLOCK_SKEW},
      {"RequestTimeTooSkewed", "", DSO_E_CLOCK_SKEW, 403},
      {"ExpiredTokenException", "", DSO_E_INVALID_CREDENTIALS},
      {"InvalidIdentityToken", "", DSO_E_INVALID_CREDENTIALS},
      {"ResourceNotFoundException", "Secrets Manager can't find the specified secret.", DSO_E_NOT_FOUND},
      {"com.amazonaws.secretsmanager#ResourceNotFoundException", "", DSO_E_NOT_FOUND},
      {"ParameterNotFound", "", DSO_E_NOT_FOUND},
      {"InvalidRequestException", "You can't perform this operation on the secret because it was marked for deletion.",
       DSO_E_DELETED},
      {"InvalidRequestException", "something else", DSO_E_INVALID_REQUEST},
      {"InvalidParameterException", "", DSO_E_INVALID_REQUEST},
      {"ValidationException", "", DSO_E_INVALID_REQUEST},
      {"InvalidNextTokenException", "", DSO_E_INVALID_REQUEST},
      {"ThrottlingException", "", DSO_E_THROTTLED},
      {"TooManyRequestsException", "", DSO_E_THROTTLED},
      {"RequestLimitExceeded", "", DSO_E_THROTTLED, 503},
      {"SlowDown", "", DSO_E_THROTTLED, 503},
      {"LimitExceededException", "", DSO_E_THROTTLED},
      {"Whatever", "", DSO_E_THROTTLED, 429},
      {"InternalServiceError", "", DSO_E_UNAVAILABLE},
      {"InternalServiceError", "", DSO_E_UNAVAILABLE, 500},
      {"RequestTimeout", "", DSO_E_UNAVAILABLE},
      {"", "", DSO_E_UNAVAILABLE, 502},
      {"", "", DSO_E_MALFORMED, 403},
  };
  for (const Row& r : rows) {
    const auto f = aws::failure_of(facts(r.code, r.message, r.status), kAsked);
    BOOST_TEST(f.cls == r.cls, r.code << " '" << r.message << "' gave class " << f.cls << ": " << f.message);
    BOOST_TEST(!f.message.empty());
    BOOST_TEST(f.next_step.ends_with('.'), r.code << ": " << f.next_step);
    BOOST_TEST(f.request_id == "req-1");
  }
}

BOOST_AUTO_TEST_CASE(versions_are_told_from_secrets) {
  const auto cls = [](const char* message) {
    return aws::failure_of(facts("ResourceNotFoundException", message), with_version()).cls;
  };
  BOOST_TEST(cls("Secrets Manager can't find the specified secret value for staging label: AWSPREVIOUS") ==
             DSO_E_VERSION_NOT_FOUND);
  BOOST_TEST(cls("words of another year") == DSO_E_VERSION_NOT_FOUND);
  BOOST_TEST(cls("Secrets Manager can't find the specified secret.") == DSO_E_NOT_FOUND);
  const auto f = aws::failure_of(
      facts("ResourceNotFoundException", "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT"),
      kAsked);
  BOOST_TEST(f.cls == DSO_E_NOT_FOUND);
  BOOST_TEST(f.message == "the secret has no current value yet");
}

BOOST_AUTO_TEST_CASE(the_next_step_names_action_secret_and_who) {
  auto f = aws::failure_of(facts("AccessDeniedException", "not authorized"), kAsked);
  BOOST_TEST(f.next_step ==
             "Allow secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:*:secret:myapp/db-?????? to role "
             "arn:aws:iam::1:role/dso.");
  BOOST_TEST(f.identity == "role arn:aws:iam::1:role/dso");
  f = aws::failure_of(facts("AccessDeniedException",
                            "User: arn:aws:sts::1:assumed-role/dso/s is not authorized to perform: "
                            "secretsmanager:GetSecretValue on resource: x with an explicit deny in a "
                            "resource-based policy"),
                      kAsked);
  BOOST_TEST(f.identity == "arn:aws:sts::1:assumed-role/dso/s");
  BOOST_TEST(f.next_step.find("denies secretsmanager:GetSecretValue explicitly") != std::string::npos);
  f = aws::failure_of(facts("InvalidRequestException", "it was marked for deletion"), kAsked);
  BOOST_TEST(f.next_step.find("restore-secret --secret-id myapp/db") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(hints_of_the_headers) {
  const auto after = [](std::string_view ms, std::string_view s) {
    return aws::facts_of(400, {.error_type = "ThrottlingException:", .request_id = {}, .retry_after_ms = ms, .retry_after_s = s},
                         "{}");
  };
  BOOST_TEST(after("1500", "").retry_after_ms == 1500);
  BOOST_TEST(after("", "2").retry_after_ms == 2000);
  BOOST_TEST(after("-5", "soon").retry_after_ms == -1);
  BOOST_TEST(after("", "").code == "ThrottlingException");
}

BOOST_AUTO_TEST_CASE(xml_of_sts) {
  const auto f = aws::facts_of(403, {},
                               "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: "
                               "arn:aws:iam::1:user/x is not authorized to perform: sts:AssumeRole on resource: "
                               "arn:aws:iam::1:role/r</Message></Error><RequestId>abc-1</RequestId></ErrorResponse>");
  BOOST_TEST(f.code == "AccessDenied");
  BOOST_TEST(f.request_id == "abc-1");
  BOOST_TEST(f.principal == "arn:aws:iam::1:user/x");
  BOOST_TEST(f.action == "sts:AssumeRole");
}

BOOST_AUTO_TEST_CASE(no_text_of_an_answer_reaches_an_error) {
  const std::string canary = "c4n4ry<hunter2>";
  for (const int status : {400, 401, 403, 404, 413, 429, 500, 503})
    for (const std::string code : {"AccessDeniedException", "ResourceNotFoundException", "InvalidRequestException", "Odd", ""})
      for (const std::string& body :
           {R"({"__type":")" + code + R"(","message":"User: )" + canary + " perform: " + canary + "\"}", canary,
            R"({"__type":"AccessDenied","message":"User: arn:)" + canary + " perform: a:" + canary + "\"}",
            R"({"SecretString":")" + canary + "\"}", "<Code>" + canary + "</Code>", R"({"__type":")" + canary + "\"}"}) {
        const auto f = aws::failure_of(
            aws::facts_of(status, {.error_type = canary, .request_id = canary, .retry_after_ms = canary, .retry_after_s = canary},
                          body),
            kAsked);
        BOOST_TEST((f.message + f.next_step + f.store_code + f.request_id + f.identity).find("hunter2") == std::string::npos);
      }
}

BOOST_AUTO_TEST_SUITE_END()
