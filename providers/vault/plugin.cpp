// The Vault provider's face to the host: settings, a session, the engines, and the one exported symbol.
#include "vault_kv.h"

namespace vault {
namespace {

class VaultProvider final : public dso::sdk::Provider {
 public:
  static constexpr const char* kName = "vault";
  static constexpr const char* kVersion = "1.0.0";
  static constexpr const char* kConfigSchema =
      R"({"type":"object","properties":{"address":{"type":"string"},"namespace":{"type":"string"},"mount":{"type":"string"},)"
      R"("kv_version":{"enum":[1,2,"1","2"]},"token":{"type":"string"},"token_file":{"type":"string"}}})";

  VaultProvider(dso::sdk::Host host, std::string_view config)
      : Provider(host),
        settings_(read_settings(host, config)),
        session_(host, settings_),
        reader_(host, settings_, session_),
        kv_(host, settings_, session_, reader_) {}

  /// What a container lives on outlives this process, unless the config says otherwise; the rest is given back.
  ~VaultProvider() override {
    if (settings_.revoke == Settings::Revoke::never) return;
    const bool all = settings_.revoke == Settings::Revoke::always;
    const bool token_goes = session_.has_own_token() && (all || !reader_.token_in_use());
    reader_.revoke(all, token_goes);
    if (token_goes) session_.revoke();
  }

  void fetch(dso::sdk::Refs refs, dso::sdk::Answer& answer) override {
    begin();
    kv_.fetch(refs, answer);
    answer.identity(session_.identity());
  }
  void versions(dso::sdk::Refs refs, dso::sdk::Answer& answer) override {
    begin();
    kv_.versions(refs, answer);
    answer.identity(session_.identity());
  }
  void list(dso::sdk::Answer& answer) override {
    begin();
    kv_.list(answer);
    answer.identity(session_.identity());
  }
  void renew(std::string_view lease, dso::sdk::Answer& answer) override {
    begin();
    dso::sdk::Item item = answer.item(0);
    reader_.renew(lease, item);
  }
  /// Writes to any KV mount; which of them is ours the poll finds out.
  void events(dso::sdk::Answer& answer) override {
    begin();
    const std::string url = "ws" + settings_.address.substr(4) + "/v1/sys/events/subscribe/kv*?json=true";
    dso::sdk::HttpRequest source{.url = url};
    source.header("X-Vault-Token", session_.present_token());
    source.header("X-Vault-Request", "true");
    if (!settings_.ns.empty()) source.header("X-Vault-Namespace", settings_.ns);
    answer.event_source(source);
  }

 private:
  void begin() {
    session_.begin();
    reader_.begin();
  }

  Settings settings_;
  Session session_;
  Reader reader_;
  Kv kv_;
};

}  // namespace
}  // namespace vault

DSO_PROVIDER(vault::VaultProvider)
