// Where requests go: settings, variables, profiles and ARNs; and what of them is refused.
#include <boost/test/unit_test.hpp>

#include "auth_params.h"
#include "provider_aws/fake_aws.h"

BOOST_AUTO_TEST_SUITE(aws_settings)

namespace {

using fake::Aws;
using fake::item;

const std::string kString = R"("SecretString":"plain")";

}  // namespace

BOOST_FIXTURE_TEST_CASE(an_arn_leads_to_its_own_region, Aws) {
  answers["GetSecretValue"] = {{200, item("a", kString)}};
  auto i = open();
  i.fetch("arn:aws:secretsmanager:us-west-2:123456789012:secret:a-AbCdEf");
  BOOST_TEST(last().url == "https://secretsmanager.us-west-2.amazonaws.com/");
  BOOST_TEST(last().headers.at("Authorization").find("/us-west-2/secretsmanager/") != std::string::npos);
  const auto asked = host.requests.size();
  for (const char* bad : {"arn:aws:secretsmanager:evil.example/x:1:secret:a", "arn:aws:s3:eu-west-1:1:secret:a", "arn:x", "ssm:"})
    BOOST_TEST(i.fetch(bad).cls(0) == DSO_E_INVALID_REQUEST, bad);
  BOOST_TEST(host.requests.size() == asked);
}

BOOST_FIXTURE_TEST_CASE(endpoints, Aws) {
  answers["GetSecretValue"] = {{200, item("a", kString)}};
  const auto url = [&](const std::string& settings) {
    auto i = open(settings);
    BOOST_TEST_REQUIRE(i.opened.result == DSO_OK, i.opened.failed.message);
    i.fetch("a");
    return last().url;
  };
  BOOST_TEST(url(R"("region":"cn-north-1")") == "https://secretsmanager.cn-north-1.amazonaws.com.cn/");
  BOOST_TEST(url(R"("region":"us-gov-west-1","use_fips":"true")") == "https://secretsmanager-fips.us-gov-west-1.amazonaws.com/");
  BOOST_TEST(url(R"("region":"eu-west-1","use_dualstack":"true")") == "https://secretsmanager.eu-west-1.api.aws/");
  BOOST_TEST(url(R"("region":"us-east-1","use_fips":"true","use_dualstack":"true")") ==
             "https://secretsmanager-fips.us-east-1.api.aws/");
  BOOST_TEST(url(R"("region":"eusc-de-east-1")") == "https://secretsmanager.eusc-de-east-1.amazonaws.eu/");
  BOOST_TEST(url(R"("region":"eu-west-1","endpoint":"https://127.0.0.1:4566/")") == "https://127.0.0.1:4566/");
  host.files["~/.aws/config"] =
      "[default]\nservices=s\nregion=ap-south-1\n[services s]\nsecrets_manager =\n endpoint_url = https://p\n";
  BOOST_TEST(url("") == "https://p/");
  BOOST_TEST(last().headers.at("Authorization").find("/ap-south-1/") != std::string::npos);
  host.variables["AWS_ENDPOINT_URL"] = "https://all";
  BOOST_TEST(url("") == "https://all/");
  host.variables["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = "https://sm";
  BOOST_TEST(url("") == "https://sm/");
  host.variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true";
  BOOST_TEST(url("") == "https://secretsmanager.ap-south-1.amazonaws.com/");
  host.variables["AWS_REGION"] = "sa-east-1";
  BOOST_TEST(url("") == "https://secretsmanager.sa-east-1.amazonaws.com/");
}

BOOST_FIXTURE_TEST_CASE(the_parameters_that_the_config_knows_are_known, Aws) {
  const auto said = [&](const std::string& name) {
    return open(R"("region":"eu-west-1")", R"({"params":{")" + name + R"(":"/x"}})").opened.failed.message;
  };
  for (const std::string& name : auth_params::kAws) BOOST_TEST(said(name).find("unknown") == std::string::npos, said(name));
  BOOST_TEST(said("colour").find("unknown auth parameter 'colour'") != std::string::npos, said("colour"));
}

BOOST_FIXTURE_TEST_CASE(settings_that_are_refused, Aws) {
  const auto why = [&](const std::string& settings, const std::string& auth = "{}") {
    auto i = open(settings, auth);
    BOOST_TEST(i.opened.result == DSO_E_INVALID_REQUEST, settings);
    return i.opened.failed.message + " " + i.opened.failed.next_step;
  };
  BOOST_TEST(why(R"("regoin":"x")").find("Did you mean 'region'?") != std::string::npos);
  BOOST_TEST(why(R"("secret_access_key":"hunter2")").find("hunter2") == std::string::npos);
  BOOST_TEST(why(R"("access_key_id":"A")").find("belong together") != std::string::npos);
  BOOST_TEST(why(R"("role_arn":"dso")").find("no ARN") != std::string::npos);
  BOOST_TEST(why(R"("region":"EU West")").find("region") != std::string::npos);
  BOOST_TEST(why(R"("endpoint":"ftp://x")").find("https://") != std::string::npos);
  BOOST_TEST(why(R"("use_fips":"maybe")").find("use_fips") != std::string::npos);
  BOOST_TEST(why("", R"({"method":"kerberos"})").find("kerberos") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
