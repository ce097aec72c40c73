// Values, versions, batches and names, as the host sees them.
#include <boost/test/unit_test.hpp>

#include "poll_cases.h"
#include "provider_aws/fake_aws.h"

BOOST_AUTO_TEST_SUITE(aws_fetch)

namespace {

using fake::Aws;
using fake::item;
using fake::Response;

std::string batch(const std::string& values, const std::string& errors = "") {
  return R"({"SecretValues":[)" + values + R"(],"Errors":[)" + errors + "]}";
}
const std::string kString = R"("SecretString":"plain")";

}  // namespace

BOOST_FIXTURE_TEST_CASE(json_text_and_binary, Aws) {
  answers["GetSecretValue"] = {
      {200, item("a", R"("SecretString":"{\"user\":\"u<1>\", \"port\": 5432, \"rate\":1.50, \"deep\":{\"a\": [1, \"x y\"]}}")")},
      {200, item("b", R"("SecretString":" not { json ")")},
      {200, item("c", R"("SecretBinary":"AAH/fg==")")},
      {200, item("d", R"("SecretString":"[1,2]")")},
      {200, item("e", R"("SecretString":"{}")")},
      {200, item("f", R"("Odd":1)")}};
  auto i = open();
  auto e = i.fetch("a");
  BOOST_TEST(e.field(0, "user") == "u<1>");
  BOOST_TEST(e.field(0, "port") == "5432");
  BOOST_TEST(e.field(0, "rate") == "1.50");
  BOOST_TEST(e.field(0, "deep") == R"({"a":[1,"x y"]})");
  BOOST_TEST(e.versions.at(0) == "v-1");
  BOOST_TEST(e.identity == "access key AKIDEXAMPLE of the environment");
  BOOST_TEST(i.fetch("b").field(0, "value") == " not { json ");
  BOOST_TEST(i.fetch("c").field(0, "value") == std::string("\0\1\xff\x7e", 4));
  BOOST_TEST(i.fetch("d").field(0, "value") == "[1,2]");
  BOOST_TEST(i.fetch("e").field(0, "value") == "{}");
  BOOST_TEST(i.fetch("f").cls(0) == DSO_E_MALFORMED);
}

BOOST_FIXTURE_TEST_CASE(the_request_is_signed_and_holds_no_key, Aws) {
  answers["GetSecretValue"] = {{200, item("a", kString)}};
  host.variables["AWS_SESSION_TOKEN"] = "the-token";
  open().fetch("my\"app/db");
  const auto& r = last();
  BOOST_TEST(r.method == "POST");
  BOOST_TEST(r.url == "https://secretsmanager.eu-west-1.amazonaws.com/");
  BOOST_TEST(r.body == R"({"SecretId":"my\"app/db"})");
  BOOST_TEST(r.headers.at("X-Amz-Date") == "20231114T221320Z");
  BOOST_TEST(r.headers.at("X-Amz-Security-Token") == "the-token");
  const std::string& a = r.headers.at("Authorization");
  BOOST_TEST(
      a.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20231114/eu-west-1/secretsmanager/aws4_request, "
                    "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, Signature="));
  for (const auto& [name, value] : r.headers) BOOST_TEST(value.find("wJalrXUtnFEMI") == std::string::npos, name);
}

BOOST_FIXTURE_TEST_CASE(versions_ids_and_stages, Aws) {
  answers["GetSecretValue"] = {{200, item("a", kString)}};
  auto i = open();
  i.fetch({{"a", "AWSPREVIOUS"}});
  BOOST_TEST(last().body == R"({"SecretId":"a","VersionStage":"AWSPREVIOUS"})");
  i.fetch({{"a", "01234567-89ab-cdef-0123-456789abcdef"}});
  BOOST_TEST(last().body == R"({"SecretId":"a","VersionId":"01234567-89ab-cdef-0123-456789abcdef"})");
  i.fetch({{"a", "stage:01234567-89ab-cdef-0123-456789abcdef"}});
  BOOST_TEST(last().body == R"({"SecretId":"a","VersionStage":"01234567-89ab-cdef-0123-456789abcdef"})");
  const auto e = i.versions("a");
  BOOST_TEST(e.versions.at(0) == "v-1");
  BOOST_TEST(e.fields.empty());
}

BOOST_FIXTURE_TEST_CASE(twenty_a_call, Aws) {
  std::vector<std::pair<std::string, std::string>> refs;
  std::string first, second;
  for (int n = 0; n < 25; ++n) {
    const std::string name = "s" + std::to_string(n);
    refs.emplace_back(name, "");
    std::string& page = n < 20 ? first : second;
    page += (page.empty() ? "" : ",") + item(name, R"("SecretString":"of )" + name + "\"");
  }
  answers["BatchGetSecretValue"] = {{200, batch(first)}, {200, batch(second)}};
  auto i = open();
  const auto e = i.fetch(refs);
  for (std::size_t n = 0; n < 25; ++n) BOOST_TEST(e.field(n, "value") == "of s" + std::to_string(n));
  BOOST_TEST(count("BatchGetSecretValue") == 2);
  BOOST_TEST(count("GetSecretValue") == 0);
  BOOST_TEST(host.requests[0].body.find(R"("s19"])") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_batch_with_errors_and_gaps, Aws) {
  answers["BatchGetSecretValue"] = {
      {200,
       batch(item("a", kString), R"({"SecretId":"gone","ErrorCode":"ResourceNotFoundException",)"
                                 R"("Message":"Secrets Manager can't find the specified secret."},)"
                                 R"({"SecretId":"no","ErrorCode":"AccessDeniedException",)"
                                 R"("Message":"User: arn:aws:iam::1:user/u is not authorized to perform: )"
                                 R"(secretsmanager:GetSecretValue on resource: no"})"),
       {{"x-amzn-requestid", "req-9"}}}};
  answers["GetSecretValue"] = {{200, item("later", R"("SecretString":"late")")}};
  const auto e = open().fetch({{"a", ""}, {"gone", ""}, {"no", ""}, {"later", ""}, {"a", ""}});
  BOOST_TEST(e.field(0, "value") == "plain");
  BOOST_TEST(e.field(4, "value") == "plain");
  BOOST_TEST(e.cls(1) == DSO_E_NOT_FOUND);
  BOOST_TEST(e.cls(2) == DSO_E_ACCESS_DENIED);
  BOOST_TEST(e.error(2).identity == "arn:aws:iam::1:user/u");
  BOOST_TEST(e.error(2).request_id == "req-9");
  BOOST_TEST(e.error(2).next_step.find("secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:*:secret:no-??????") !=
             std::string::npos);
  BOOST_TEST(e.field(3, "value") == "late");
  BOOST_TEST(count("GetSecretValue") == 1);
}

BOOST_FIXTURE_TEST_CASE(a_denied_batch_is_not_tried_again_for_an_hour, Aws) {
  answers["BatchGetSecretValue"] = {{400, R"({"__type":"AccessDeniedException"})"}};
  answers["GetSecretValue"] = {{200, item("a", kString)}};
  auto i = open();
  BOOST_TEST(i.fetch({{"a", ""}, {"b", ""}}).field(1, "value") == "plain");
  BOOST_TEST(count("BatchGetSecretValue") == 1);
  i.versions({{"a", ""}, {"b", ""}});
  BOOST_TEST(count("BatchGetSecretValue") == 1);
  BOOST_TEST(count("GetSecretValue") == 4);
  host.now_ms += 61LL * 60'000;
  i.fetch({{"a", ""}, {"b", ""}});
  BOOST_TEST(count("BatchGetSecretValue") == 2);
}

BOOST_FIXTURE_TEST_CASE(a_batch_that_is_throttled_is_not_made_worse, Aws) {
  answers["BatchGetSecretValue"] = {{400, R"({"__type":"ThrottlingException"})", {{"x-amz-retry-after", "700"}}}};
  const auto e = open().fetch({{"a", ""}, {"b", ""}});
  BOOST_TEST(e.cls(0) == DSO_E_THROTTLED);
  BOOST_TEST(e.error(1).retry_after_ms == 700);
  BOOST_TEST(count("GetSecretValue") == 0);
}

BOOST_FIXTURE_TEST_CASE(parameters, Aws) {
  answers["GetParameters"] = {
      {200, R"({"Parameters":[{"Name":"/app/db","ARN":"arn:aws:ssm:eu-west-1:1:parameter/app/db","Type":"SecureString",)"
            R"("Value":"{\"password\":\"p\"}","Version":3,"LastModifiedDate":1700000000.5},)"
            R"({"Name":"/app/one","Value":"1","Version":1,"Selector":":1","LastModifiedDate":1700000000}],)"
            R"("InvalidParameters":["/app/none"]})"}};
  auto i = open();
  const auto e = i.fetch({{"ssm:/app/db", ""}, {"ssm:/app/none", ""}, {"ssm:/app/one", "1@1700000000000"}, {"ssm:/app/db", "9"}});
  BOOST_TEST(last().url == "https://ssm.eu-west-1.amazonaws.com/");
  BOOST_TEST(last().headers.at("X-Amz-Target") == "AmazonSSM.GetParameters");
  BOOST_TEST(last().body == R"({"WithDecryption":true,"Names":["/app/db","/app/none","/app/one:1","/app/db:9"]})");
  BOOST_TEST(e.field(0, "password") == "p");
  BOOST_TEST(e.versions.at(0) == "3@1700000000500");
  BOOST_TEST(e.cls(1) == DSO_E_NOT_FOUND);
  BOOST_TEST(e.error(1).store_code == "ParameterNotFound");
  BOOST_TEST(e.field(2, "value") == "1");
  answers["GetParameters"] = {fake::refused("AccessDeniedException")};
  const auto denied = i.fetch({{"ssm:/a", ""}, {"ssm:/b", ""}});
  BOOST_TEST(denied.cls(1) == DSO_E_ACCESS_DENIED);
  BOOST_TEST(count("GetParameters") == 4);
  answers["GetParameters"] = {fake::refused("AccessDeniedException"),
                              fake::refused("AccessDeniedException"),
                              {200, R"({"Parameters":[{"Name":"/b","Value":"x","Version":1}]})"}};
  const auto half = i.fetch({{"ssm:/a", ""}, {"ssm:/b", ""}});  // one that is denied does not take the other with it
  BOOST_TEST(half.cls(0) == DSO_E_ACCESS_DENIED);
  BOOST_TEST(half.field(1, "value") == "x");
  BOOST_TEST(denied.error(1).next_step.find("ssm:GetParameters on arn:aws:ssm:eu-west-1:*:parameter/b") != std::string::npos);
}

// "/path:3" and "/path:label", as AWS's own tools write them; and what ECS writes behind an ARN.
BOOST_FIXTURE_TEST_CASE(versions_in_a_name, Aws) {
  answers["GetParameters"] = {
      {200, R"({"Parameters":[{"Name":"/a","Value":"new","Version":2},{"Name":"/a","Value":"old","Version":1,"Selector":":1"},)"
            R"({"Name":"/b","Value":"l","Version":7,"Selector":":prod"}],"InvalidParameters":["/a:9"]})"}};
  auto i = open();
  const auto e = i.fetch({{"ssm:/a:1", ""}, {"ssm:/a", ""}, {"ssm:/b:prod", ""}, {"ssm:/a:9", ""}});
  BOOST_TEST(last().body == R"({"WithDecryption":true,"Names":["/a:1","/a","/b:prod","/a:9"]})");
  BOOST_TEST(e.field(0, "value") == "old");
  BOOST_TEST(e.field(1, "value") == "new");
  BOOST_TEST(e.field(2, "value") == "l");
  BOOST_TEST(e.error(3).store_code == "ParameterVersionNotFound");
  answers["GetParameters"] = {{200, R"({"Parameters":[]})"}};
  i.fetch({{"arn:aws:ssm:eu-west-1:1:parameter/a:2", ""}});
  BOOST_TEST(last().body == R"({"WithDecryption":true,"Names":["arn:aws:ssm:eu-west-1:1:parameter/a:2"]})");
  BOOST_TEST(i.fetch("ssm:/a:").cls(0) == DSO_E_INVALID_REQUEST);
  const auto ecs = i.fetch("arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf:password:AWSPREVIOUS:");
  BOOST_TEST(ecs.cls(0) == DSO_E_INVALID_REQUEST);
  BOOST_TEST(ecs.error(0).next_step.starts_with("Write ARN?version=AWSPREVIOUS#key"));
}

BOOST_FIXTURE_TEST_CASE(a_list_of_several_pages, Aws) {
  answers["ListSecrets"] = {{200, R"({"SecretList":[{"Name":"a"},{"Name":"b"}],"NextToken":"n\"1"})"},
                            {200, R"({"SecretList":[{"Name":"c"}]})"}};
  const auto e = open().list();
  BOOST_TEST(e.names == (std::vector<std::string>{"a", "b", "c"}), boost::test_tools::per_element());
  BOOST_TEST(last().body == R"({"MaxResults":100,"NextToken":"n\"1"})");
}

BOOST_FIXTURE_TEST_CASE(a_wrong_clock_is_corrected_once, Aws) {
  // The server is ten minutes ahead of the fake host's clock.
  const std::map<std::string, std::string> ahead{{"date", "Tue, 14 Nov 2023 22:23:20 GMT"}};
  answers["GetSecretValue"] = {{403, R"({"__type":"InvalidSignatureException","message":"Signature expired"})", ahead},
                               {200, item("a", kString), ahead}};
  auto i = open();
  BOOST_TEST(i.fetch("a").field(0, "value") == "plain");
  BOOST_TEST(host.requests[0].headers.at("X-Amz-Date") == "20231114T221320Z");
  BOOST_TEST(host.requests[1].headers.at("X-Amz-Date") == "20231114T222320Z");
  BOOST_TEST(i.fetch("a").field(0, "value") == "plain");
  BOOST_TEST(host.requests[2].headers.at("X-Amz-Date") == "20231114T222320Z");
  BOOST_TEST(host.requests.size() == 3u);
  // Without a Date nothing can be corrected, and the class says what is wrong.
  answers["GetSecretValue"] = {{403, R"({"__type":"RequestTimeTooSkewed"})"}};
  auto other = open();
  BOOST_TEST(other.fetch("a").cls(0) == DSO_E_CLOCK_SKEW);
  BOOST_TEST(host.requests.size() == 4u);
}

BOOST_FIXTURE_TEST_CASE(failures_say_where_to_look, Aws) {
  auto i = open();
  const auto e = i.fetch("a");  // no answer at all
  BOOST_TEST(e.cls(0) == DSO_E_NETWORK);
  BOOST_TEST(e.error(0).next_step.find("eu-west-1") != std::string::npos);
  answers["GetSecretValue"] = {{200, "<html>"}};
  BOOST_TEST(i.fetch("a").cls(0) == DSO_E_MALFORMED);
}

// what `dso validate` says that a poll costs
BOOST_AUTO_TEST_CASE(a_quiet_poll_is_as_many_calls_as_logic_counts) {
  for (const auto& c : poll_cases::aws()) {
    Aws aws;
    std::string values, parameters;
    std::vector<std::pair<std::string, std::string>> refs;
    for (const std::string& name : c.names) {
      refs.emplace_back(name, "");
      const std::string id = name.substr(name.starts_with("ssm:") ? 4 : 0);
      values += (values.empty() ? "" : ",") + std::string(R"({"Name":")") + id + R"(","VersionId":"v-1","SecretString":"x"})";
      parameters += (parameters.empty() ? "" : ",") + std::string(R"({"Name":")") + id + R"(","Version":1,"Value":"x"})";
    }
    // all in one answer: of a batch only its own are looked at, and one alone is asked for by another call
    aws.answers["BatchGetSecretValue"] = {{200, batch(values)}};
    aws.answers["GetSecretValue"] = {{200, item("s", kString)}};
    aws.answers["GetParameters"] = {{200, R"({"Parameters":[)" + parameters + "]}"}};
    auto i = aws.open();
    const auto e = i.versions(refs);
    for (std::size_t k = 0; k < refs.size(); ++k) BOOST_TEST_REQUIRE(e.cls(k) == DSO_OK, refs[k].first);
    BOOST_TEST(aws.count("BatchGetSecretValue") + aws.count("GetSecretValue") == static_cast<int>(c.secrets_manager));
    BOOST_TEST(aws.count("GetParameters") == static_cast<int>(c.ssm));
  }
}

BOOST_AUTO_TEST_SUITE_END()
