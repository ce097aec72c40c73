// The AWS provider's face to the host: settings, a session, the two stores, and the one exported symbol.
#include "secrets_manager.h"
#include "ssm.h"

namespace aws {
namespace {

class AwsProvider final : public dso::sdk::Provider {
 public:
  static constexpr const char* kName = "aws";
  static constexpr const char* kVersion = "1.0.0";
  static constexpr const char* kConfigSchema =
      R"({"type":"object","properties":{"region":{"type":"string"},"endpoint":{"type":"string"},"profile":{"type":"string"},)"
      R"("role_arn":{"type":"string"},"external_id":{"type":"string"},"role_session_name":{"type":"string"},)"
      R"("access_key_id":{"type":"string"},"secret_access_key_file":{"type":"string"},"session_token_file":{"type":"string"},)"
      R"("web_identity_token_file":{"type":"string"},"use_fips":{"type":"boolean"},"use_dualstack":{"type":"boolean"},)"
      R"("allow_credential_process":{"type":"boolean"}}})";

  AwsProvider(dso::sdk::Host host, std::string_view config)
      : Provider(host),
        settings_(read_settings(host, config)),
        session_(host, settings_),
        secrets_(host, session_),
        ssm_(session_) {}

  void fetch(dso::sdk::Refs refs, dso::sdk::Answer& answer) override { get(refs, SecretsManager::What::value, answer); }
  void versions(dso::sdk::Refs refs, dso::sdk::Answer& answer) override { get(refs, SecretsManager::What::version, answer); }
  void list(dso::sdk::Answer& answer) override {
    session_.begin();
    secrets_.list(answer);
    answer.identity(session_.identity());
  }

 private:
  void get(dso::sdk::Refs refs, SecretsManager::What what, dso::sdk::Answer& answer) {
    session_.begin();
    std::vector<SecretsManager::Wanted> secrets, parameters;
    for (std::size_t i = 0; i < refs.size(); ++i) try {
        SecretName name = parse_name(refs[i].name);
        (name.service == Service::ssm ? parameters : secrets).push_back({refs[i], std::move(name)});
      } catch (const dso::sdk::Failure& f) {
        answer.error(i, f);
      }
    secrets_.get(secrets, what, answer);
    ssm_.get(parameters, what, answer);
    answer.identity(session_.identity());
  }

  Settings settings_;
  Session session_;
  SecretsManager secrets_;
  Ssm ssm_;
};

}  // namespace
}  // namespace aws

DSO_PROVIDER(aws::AwsProvider)
