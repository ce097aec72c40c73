// The public profile-parser cases, and what a profile means for credentials.
#include <boost/test/unit_test.hpp>

#include "credentials.h"
#include "profile_file.h"
#include "provider_aws/fake_aws.h"

BOOST_AUTO_TEST_SUITE(aws_profile_file)

namespace {

using aws::FileKind;
using Base = aws::ProfilePlan::Base;

aws::ProfileFile both(std::string_view config, std::string_view credentials = "") {
  return aws::merged(aws::parse_profiles(config, FileKind::config), aws::parse_profiles(credentials, FileKind::credentials));
}

void same(const boost::json::object* wanted, const std::map<std::string, aws::Properties, std::less<>>& got,
          const std::string& name) {
  const std::size_t expected = wanted ? wanted->size() : 0;
  BOOST_TEST(got.size() == expected, name);
  if (!wanted) return;
  for (const auto& profile : *wanted) {
    const auto found = got.find(std::string(profile.key()));
    BOOST_REQUIRE_MESSAGE(found != got.end(), name << ": no " << profile.key());
    const auto& properties = profile.value().as_object();
    BOOST_TEST(found->second.size() == properties.size(), name);
    for (const auto& p : properties) {
      const std::string value(p.value().as_string().c_str());
      BOOST_TEST(aws::property(found->second, std::string(p.key())) == value, name);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_public_parser_cases) {
  const std::string root = fake::vectors();
  if (root.empty()) return;
  const auto all = aws::Document::parse(fake::slurp(root + "/aws-runtime-1.10.2/test-data/profile-parser-tests.json"));
  BOOST_REQUIRE(all.has_value());
  int cases = 0;
  for (const auto& t : *aws::array_at(all->root(), "tests")) {
    ++cases;
    const auto& test = t.as_object();
    const std::string name(aws::string_at(test, "name"));
    const auto& input = *aws::object_at(test, "input");
    const auto& output = *aws::object_at(test, "output");
    const auto got = both(aws::string_at(input, "configFile"), aws::string_at(input, "credentialsFile"));
    if (const std::string_view error = aws::string_at(output, "errorContaining"); !error.empty()) {
      BOOST_TEST(got.error.find(error) != std::string::npos, name << ": " << got.error);
      continue;
    }
    BOOST_TEST(got.error == "", name);
    const auto& config = *aws::object_at(output, "config");
    same(aws::object_at(config, "profiles"), got.profiles, name);
    if (aws::has(config, "sso_sessions")) same(aws::object_at(config, "sso_sessions"), got.sso_sessions, name);
  }
  BOOST_TEST(cases > 60);
}

BOOST_AUTO_TEST_CASE(services_have_endpoints) {
  const auto f = both(
      "[profile a]\nservices = x\n[services x]\nsecrets_manager =\n  endpoint_url = https://sm\nssm =\n  "
      "endpoint_url=https://ssm\n");
  const auto& x = f.services.at("x");
  BOOST_TEST(aws::nested_property(x, "secrets_manager", "endpoint_url") == "https://sm");
  BOOST_TEST(aws::nested_property(x, "ssm", "endpoint_url") == "https://ssm");
  BOOST_TEST(aws::nested_property(x, "sts", "endpoint_url") == "");
}

BOOST_AUTO_TEST_CASE(where_a_profiles_credentials_come_from) {
  const auto f = both(
      "[profile keys]\naws_access_key_id=A\naws_secret_access_key=S\n"
      "[profile role]\nrole_arn=arn:r1\nsource_profile=keys\nexternal_id=e\n"
      "[profile two]\nrole_arn=arn:r2\nsource_profile=role\n"
      "[profile self]\nrole_arn=arn:r3\nsource_profile=self\naws_access_key_id=A\naws_secret_access_key=S\n"
      "[profile loop1]\nrole_arn=arn:l1\nsource_profile=loop2\n[profile loop2]\nrole_arn=arn:l2\nsource_profile=loop1\n"
      "[profile half]\naws_access_key_id=A\n"
      "[profile mfa]\nrole_arn=arn:r\nsource_profile=keys\nmfa_serial=x\n"
      "[profile ec2]\nrole_arn=arn:r\ncredential_source=Ec2InstanceMetadata\n"
      "[profile web]\nrole_arn=arn:w\nweb_identity_token_file=/t\n"
      "[profile sso]\nsso_session=s\n"
      "[profile process]\ncredential_process=x\n"
      "[profile gone]\nrole_arn=arn:r\nsource_profile=nowhere\n"
      "[profile empty]\nregion=x\n");
  const auto base = [&](const char* name) { return aws::plan_of(f, name).base; };
  BOOST_TEST((base("keys") == Base::static_keys));
  BOOST_TEST((base("ec2") == Base::instance));
  BOOST_TEST((base("web") == Base::web_identity));
  BOOST_TEST((base("sso") == Base::sso));
  BOOST_TEST((base("process") == Base::process));
  BOOST_TEST((base("empty") == Base::none));
  BOOST_TEST((base("unknown") == Base::none));
  const auto two = aws::plan_of(f, "two");
  BOOST_TEST((two.base == Base::static_keys));
  BOOST_TEST_REQUIRE(two.roles.size() == 2u);
  BOOST_TEST(two.roles[0].role_arn == "arn:r1");
  BOOST_TEST(two.roles[0].external_id == "e");
  BOOST_TEST(two.roles[1].role_arn == "arn:r2");
  const auto self = aws::plan_of(f, "self");
  BOOST_TEST(self.roles.size() == 1u);
  BOOST_TEST((self.base == Base::static_keys));
  for (const char* bad : {"loop1", "half", "mfa", "gone"})
    BOOST_CHECK_EXCEPTION(aws::plan_of(f, bad), dso::sdk::Failure,
                          [](const auto& e) { return e.cls == DSO_E_CREDENTIALS_UNAVAILABLE && !e.next_step.empty(); });
}

BOOST_AUTO_TEST_CASE(refresh_windows) {
  using aws::Freshness;
  constexpr std::int64_t kNow = 1'000'000'000, kMinute = 60'000;
  BOOST_TEST((aws::freshness_of(0, kNow) == Freshness::fresh));
  BOOST_TEST((aws::freshness_of(kNow + 16 * kMinute, kNow) == Freshness::fresh));
  BOOST_TEST((aws::freshness_of(kNow + 15 * kMinute, kNow) == Freshness::advisory));
  BOOST_TEST((aws::freshness_of(kNow + 10 * kMinute, kNow) == Freshness::mandatory));
  BOOST_TEST((aws::freshness_of(kNow, kNow) == Freshness::expired));
}

BOOST_AUTO_TEST_SUITE_END()
