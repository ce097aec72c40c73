// The Key Vault provider's face to the host: settings, a session, the vault, and the one exported symbol.
#include "key_vault.h"

namespace azure {
namespace {

class AzureProvider final : public dso::sdk::Provider {
 public:
  static constexpr const char* kName = "azure";
  static constexpr const char* kVersion = "1.0.0";
  static constexpr const char* kConfigSchema =
      R"({"type":"object","properties":{"address":{"type":"string"},"vault_name":{"type":"string"},)"
      R"("tenant_id":{"type":"string"},)"
      R"("client_id":{"type":"string"},"client_secret_file":{"type":"string"},"client_certificate_file":{"type":"string"},)"
      R"("federated_token_file":{"type":"string"},"managed_identity_client_id":{"type":"string"},)"
      R"("authority_host":{"type":"string"},)"
      R"("verify_challenge_resource":{"enum":[true,false,"true","false"]},"arc_key_dir":{"type":"string"}}})";

  AzureProvider(dso::sdk::Host host, std::string_view config)
      : Provider(host), settings_(read_settings(host, config)), session_(host, settings_), vault_(host, settings_, session_) {}

  void fetch(dso::sdk::Refs refs, dso::sdk::Answer& answer) override {
    session_.begin();
    answer.each(refs, [this](const dso::sdk::Ref& ref, dso::sdk::Item& item) { vault_.fetch(ref, item); });
    answer.identity(session_.identity().text);
  }
  void versions(dso::sdk::Refs refs, dso::sdk::Answer& answer) override {
    session_.begin();
    vault_.versions(refs, answer);
    answer.identity(session_.identity().text);
  }
  void list(dso::sdk::Answer& answer) override {
    session_.begin();
    vault_.list(answer);
    answer.identity(session_.identity().text);
  }

 private:
  Settings settings_;
  Session session_;
  KeyVault vault_;
};

}  // namespace
}  // namespace azure

DSO_PROVIDER(azure::AzureProvider)
