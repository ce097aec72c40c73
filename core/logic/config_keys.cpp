// The tables. A key added here needs a line in docs/dso.schema.json and docs/config.md; tests say so.
#include "logic/config_keys.h"

#include <algorithm>

namespace dso {
namespace {

using Names = std::string_view[];
constexpr Names kInject = {"file", "env"};
constexpr Names kStrategies = {"auto", "rolling", "restart", "signal", "none"};
constexpr Names kSandboxes = {"strict", "network"};
constexpr Names kLevels = {"debug", "info", "warn", "error"};
constexpr Names kFormats = {"text", "json"};
constexpr Names kModes = {"local", "agent", "cloud"};
constexpr Names kLocked = {"preferred", "required"};
constexpr Names kWatchModes = {"polling", "event", "hybrid"};
constexpr Names kBools = {"true", "false"};
constexpr Names kKvVersions = {"1", "2"};

constexpr Names kBuiltIn = {"local", "vault", "aws", "azure", "file"};
constexpr Names kVault = {"vault"};
constexpr Names kAws = {"aws"};
constexpr Names kAzure = {"azure"};
constexpr Names kLocal = {"local"};
constexpr Names kFile = {"file"};
constexpr Names kAddressed = {"vault", "azure"};
constexpr Names kRemote = {"vault", "aws", "azure"};

constexpr KindSetting kKindSettings[] = {
    {"address", kAddressed},    {"endpoint", kAws},       {"region", kAws},        {"profile", kAws},
    {"namespace", kVault},      {"mount", kVault},        {"kv_version", kVault},  {"verify_challenge_resource", kAzure},
    {"authority_host", kAzure}, {"client_cert", kRemote}, {"client_key", kRemote}, {"ca_file", kRemote},
    {"proxy", kRemote},         {"path", kLocal},         {"secrets_file", kFile}, {"use_fips", kAws},
    {"use_dualstack", kAws},
};

constexpr Names kAwsParams = {"role_arn",           "external_id",
                              "role_session_name",  "access_key_id",
                              "session_token_file", "secret_access_key_file",
                              "use_fips",           "web_identity_token_file",
                              "use_dualstack",      "allow_credential_process"};
constexpr Names kAzureParams = {"tenant_id",
                                "client_id",
                                "client_secret",
                                "client_secret_file",
                                "client_certificate_file",
                                "federated_token_file",
                                "managed_identity_client_id",
                                "managed_identity_object_id",
                                "managed_identity_resource_id",
                                "arc_key_dir"};
constexpr Names kVaultParams = {"role_id",
                                "role_id_file",
                                "secret_id",
                                "secret_id_file",
                                "secret_id_response_wrapping_path",
                                "remove_secret_id_file_after_reading",
                                "role",
                                "jwt_file",
                                "name",
                                "username",
                                "password",
                                "password_file",
                                "revoke_on_close",
                                "header_value",
                                "resource",
                                "client_id",
                                "object_id"};

/// Parameters that count with one method alone, between spaces; the others of the kind do nothing there.
struct MethodParams {
  std::string_view kind, method, params;
};
constexpr MethodParams kMethodParams[] = {
    {"azure", "client_secret", " tenant_id client_id client_secret client_secret_file "},
    {"azure", "client_certificate", " tenant_id client_id client_certificate_file "},
    {"azure", "workload_identity", " tenant_id client_id federated_token_file "},
    {"azure", "managed_identity",
     " managed_identity_client_id managed_identity_object_id managed_identity_resource_id arc_key_dir "},
    {"vault", "token", " revoke_on_close "},
    {"vault", "approle",
     " revoke_on_close role_id role_id_file secret_id secret_id_file secret_id_response_wrapping_path "
     "remove_secret_id_file_after_reading "},
    {"vault", "jwt", " revoke_on_close role jwt_file "},
    {"vault", "kubernetes", " revoke_on_close role jwt_file "},
    {"vault", "k8s", " revoke_on_close role jwt_file "},
    {"vault", "cert", " revoke_on_close name "},
    {"vault", "userpass", " revoke_on_close username password password_file "},
    {"vault", "aws", " revoke_on_close role header_value "},
    {"vault", "azure", " revoke_on_close role resource client_id object_id "},
};

constexpr auto kOlder = ConfigKey::Kind::older;
constexpr auto kIgnored = ConfigKey::Kind::ignored;

std::vector<ConfigPlace> make_places() {
  return {
      {"",
       {{"provider"},
        {"config"},
        {"providers"},
        {"agent"},
        {"defaults"},
        {"logging"},
        {"secrets"},
        {"version", kIgnored, {}, "Leave it out; the file has no version."},
        {"mode", kOlder, kModes},
        {"proxy", kIgnored, {}, "Set 'proxy' on the provider instance that needs it."},
        {"notifications", kIgnored, {}, "Notifications are not supported yet."}}},
      {"providers.*",
       {{"type"},
        {"address"},
        {"endpoint"},
        {"region"},
        {"profile"},
        {"namespace"},
        {"mount"},
        {"kv_version", ConfigKey::Kind::present, kKvVersions},
        {"path"},
        {"secrets_file"},
        {"ca_file"},
        {"client_cert"},
        {"client_key"},
        {"proxy"},
        {"verify_challenge_resource", ConfigKey::Kind::present, kBools},
        {"authority_host"},
        {"use_fips", ConfigKey::Kind::present, kBools},
        {"use_dualstack", ConfigKey::Kind::present, kBools},
        {"egress"},
        {"auth"},
        {"retry"},
        {"timeout"},
        {"sandbox", ConfigKey::Kind::present, kSandboxes},
        {"config"},
        {"vault_url", kOlder},
        {"vault_addr", kOlder},
        {"token", kOlder},
        {"token_file", kOlder}}},
      {"providers.*.auth", {{"method"}, {"params"}}},
      {"providers.*.retry", {{"attempts"}, {"backoff"}}},
      {"agent",
       {{"watch"},
        {"rotation"},
        {"memory"},
        {"metrics"},
        {"read"},
        {"cache", kIgnored, {}, "Nothing is cached outside locked memory; leave it out."},
        {"refresh_interval", kIgnored, {}, "The present key is 'agent.watch.polling_interval'."},
        {"auto_sync", kIgnored, {}, "Leave it out; 'rotation: false' on a secret stops its updates."},
        {"restart_strategy",
         kIgnored,
         {},
         "The present keys are 'agent.rotation.strategy' and 'agent.rotation.drain_timeout'."}}},
      {"agent.watch",
       {{"polling_interval"},
        {"debounce"},
        {"mode", kOlder, kWatchModes},
        {"webhook", kIgnored, {}, "Webhooks are not supported yet; polling finds every change."}}},
      {"agent.watch.debounce", {{"quiet"}, {"max"}}},
      {"agent.rotation",
       {{"strategy", ConfigKey::Kind::present, kStrategies},
        {"signal"},
        {"max_parallel"},
        {"health_check_timeout"},
        {"drain_timeout"},
        {"monitor"},
        {"enabled", kOlder, kBools}}},
      {"agent.memory", {{"locked", ConfigKey::Kind::present, kLocked}}},
      {"agent.metrics", {{"listen"}}},
      {"agent.read", {{"labels", ConfigKey::Kind::present, kBools}}},
      {"defaults", {{"inject"}, {"rotation"}, {"reload_strategy"}}},
      {"logging", {{"level", ConfigKey::Kind::present, kLevels}, {"format", ConfigKey::Kind::present, kFormats}}},
      {"secrets[]",
       {{"name"}, {"version"}, {"provider"}, {"inject"}, {"rotation"}, {"reload_strategy"}, {"targets"}, {"mappings"}}},
      {"secrets[].targets", {{"containers"}, {"labels"}}},
      {"inject",
       {{"type", ConfigKey::Kind::present, kInject},
        {"path"},
        {"uid"},
        {"gid"},
        {"mode"},
        {"visible", ConfigKey::Kind::present, kBools},
        {"template", ConfigKey::Kind::refused, {}, "Use 'mappings' to choose fields and their names."}}},
      {"reload_strategy", {{"type", ConfigKey::Kind::present, kStrategies}, {"signal"}, {"health_check_timeout"}}},
      {"rotation",
       {{"enabled", kOlder, kBools}, {"strategy", kOlder, kStrategies}, {"signal", kOlder}, {"health_check_timeout", kOlder}}},
  };
}

}  // namespace

const std::vector<ConfigPlace>& config_places() {
  static const std::vector<ConfigPlace> places = make_places();
  return places;
}

const ConfigPlace& config_place(std::string_view place) {
  const auto& all = config_places();
  return *std::find_if(all.begin(), all.end(), [place](const ConfigPlace& p) { return p.place == place; });
}

const ConfigKey* find_key(const ConfigPlace& place, std::string_view name) {
  for (const ConfigKey& key : place.keys)
    if (key.name == name) return &key;
  return nullptr;
}

std::span<const std::string_view> inject_choices() {
  return kInject;
}
std::span<const std::string_view> strategy_choices() {
  return kStrategies;
}
std::span<const KindSetting> kind_settings() {
  return kKindSettings;
}
std::span<const std::string_view> auth_params(std::string_view kind) {
  if (kind == "aws") return kAwsParams;
  if (kind == "azure") return kAzureParams;
  if (kind == "vault") return kVaultParams;
  return {};
}
std::vector<std::string_view> params_of_method(std::string_view kind, std::string_view method) {
  std::vector<std::string_view> out;
  for (const MethodParams& m : kMethodParams) {
    if (m.kind != kind || m.method != method) continue;
    for (std::size_t at = 1; at < m.params.size(); at = m.params.find(' ', at) + 1)
      out.push_back(m.params.substr(at, m.params.find(' ', at) - at));
  }
  return out;
}
std::span<const std::string_view> built_in_kinds() {
  return kBuiltIn;
}

}  // namespace dso
