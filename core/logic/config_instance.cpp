// Settings as text for the provider, checked as far as DSO knows them; credentials never reach a finding's text.
#include "logic/config_instance.h"

#include <algorithm>

#include "logic/text.h"

namespace dso {
namespace {

using namespace std::chrono_literals;

constexpr DurationBounds kBackoffBounds{10ms, 5min};
constexpr DurationBounds kTimeoutBounds{100ms, 10min};

// Not settings of the store: members of ProviderInstance, or read elsewhere.
constexpr std::string_view kMembers[] = {"type", "auth", "retry", "timeout", "sandbox", "config"};

bool contains(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_built_in(const std::string& kind) {
  return contains(built_in_kinds(), kind);
}

/// For a key that the place `near` does not know: that it belongs under `params` ("providers.a.auth.params"), if it does.
std::string auth_param_hint(std::string_view kind, std::string_view near, std::string_view key, const std::string& params) {
  const auto ours = auth_params(kind);
  if (contains(ours, key)) return "Put it under " + in_quotes(params) + ".";
  std::vector<std::string_view> all;
  for (const ConfigKey& k : config_place(near).keys)
    if (k.kind == ConfigKey::Kind::present) all.push_back(k.name);
  all.insert(all.end(), ours.begin(), ours.end());
  const auto meant = closest(key, all);
  if (!meant || !contains(ours, *meant) || find_key(config_place(near), *meant)) return {};
  return "Did you mean " + in_quotes(*meant) + ", under " + in_quotes(params) + "?";
}

bool is_azure_vault(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

/// One instance while it is read: where its settings came from matters for "given twice".
class InstanceReader {
 public:
  InstanceReader(const ConfigSection& section, ProviderInstance& instance) : section_(section), instance_(instance) {}

  void read(InstanceForm form) {
    if (form == InstanceForm::short_form)
      for (std::string_view key : {"type", "config"})
        if (section_.has(key))
          section_.error(key, "does not belong in the short form",
                         "The kind is what 'provider' says; settings go here directly.");
    for (const ConfigKey& key : config_place("providers.*").keys)
      if (const YamlNode* node = section_.find(key.name); node && !contains(kMembers, key.name)) setting(key, *node);
    if (form == InstanceForm::long_form) read_config();
    if (!is_built_in(instance_.type)) read_own_settings(form);
    read_auth();
    read_limits();
  }

 private:
  ConfigFindings& findings() { return section_.findings(); }

  void setting(const ConfigKey& key, const YamlNode& node) {
    const std::string path = section_.path_of(key.name);
    if (!key.choices.empty()) {
      if (auto index = read_choice(node, path, key.choices, findings()))
        put(key.name, std::string(key.choices[*index]), node.pos, path);
    } else if (auto text = read_scalar(node, path, findings())) {
      put(key.name, *text, node.pos, path);
    }
  }

  /// A drop-in's own settings: the short form's `config` is their place; the long form has a `config` for them.
  void read_own_settings(InstanceForm form) {
    for (const YamlEntry& entry : section_.node().entries) {
      if (find_key(config_place("providers.*"), entry.key)) continue;
      const std::string path = section_.path_of(entry.key);
      if (form == InstanceForm::long_form)
        findings().error(entry.key_pos, path, "unknown key",
                         "A setting of the provider's own belongs under " + in_quotes(section_.path_of("config")) + ".");
      else if (auto text = read_scalar(entry.value, path, findings()))
        put(entry.key, *text, entry.value.pos, path);
    }
  }

  /// `config:` of the long form: a drop-in's own settings; for DSO's own kinds the Go project's place for what is flat now.
  void read_config() {
    const YamlNode* map = section_.find("config");
    const std::string path = section_.path_of("config");
    if (!map || !expect_map(*map, path, {}, findings())) return;
    const bool built_in = is_built_in(instance_.type);
    if (built_in)
      section_.warn("config", "is an older spelling", "Write the settings directly under " + in_quotes(section_.path()) + ".");
    const ConfigPlace& place = config_place("providers.*");
    for (const YamlEntry& entry : map->entries) {
      const std::string at = dotted(path, entry.key);
      const ConfigKey* known = find_key(place, entry.key);
      if (known && contains(kMembers, known->name)) {
        findings().error(entry.key_pos, at, "does not belong under 'config'",
                         "Write it directly under " + in_quotes(section_.path()) + ".");
      } else if (!known && built_in) {
        std::vector<std::string_view> names;
        for (const KindSetting& s : kind_settings())
          if (contains(s.kinds, instance_.type)) names.push_back(s.name);
        const std::string hint = auth_param_hint(instance_.type, "providers.*", entry.key, section_.path_of("auth.params"));
        findings().error(entry.key_pos, at, "unknown setting for the kind " + in_quotes(instance_.type),
                         hint.empty() ? suggest(entry.key, names) : hint);
      } else if (auto text = read_scalar(entry.value, at, findings())) {
        put(entry.key, *text, entry.value.pos, at);
      }
    }
  }

  void read_auth() {
    const auto auth = section_.section("auth", "providers.*.auth", [this](std::string_view key) {
      return auth_param_hint(instance_.type, "providers.*.auth", key, section_.path_of("auth.params"));
    });
    if (!auth) return;
    if (auto method = auth->text("method")) set_method(*method, *auth);
    const YamlNode* params = auth->find("params");
    const std::string path = auth->path_of("params");
    if (!params || !expect_map(*params, path, "For example {role_id: …, secret_id_file: /etc/dso/secret-id}.", findings()))
      return;
    for (const YamlEntry& entry : params->entries) {
      check_param(entry, path);
      if (auto text = read_scalar(entry.value, dotted(path, entry.key), findings()))
        param(entry.key, *text, entry.value.pos, dotted(path, entry.key));
    }
  }

  /// A drop-in's are its own to know. A setting may stand there too, and what param() takes as an older spelling.
  void check_param(const YamlEntry& entry, const std::string& path) {
    if (!is_built_in(instance_.type)) return;
    const auto ours = auth_params(instance_.type);
    const std::string at = dotted(path, entry.key), kind = in_quotes(instance_.type);
    if (ours.empty()) {
      findings().error(entry.key_pos, at, "does nothing: the kind " + kind + " has no login", "Leave 'auth' out.");
    } else if (!contains(ours, entry.key)) {
      if ((entry.key == "vault_name" && instance_.type == "azure") || find_key(config_place("providers.*"), entry.key)) return;
      findings().error(entry.key_pos, at, "unknown parameter of the kind " + kind, suggest(entry.key, ours));
    } else if (const auto own = params_of_method(instance_.type, lower(instance_.auth_method));
               !own.empty() && !contains(own, entry.key)) {
      findings().error(entry.key_pos, at, "does nothing with the method " + in_quotes(instance_.auth_method),
                       meant_of(entry.key, own));
    }
  }

  /// `client_id` is the tail of what a managed identity calls so.
  static std::string meant_of(std::string_view key, std::span<const std::string_view> own) {
    for (std::string_view name : own)
      if (name.ends_with("_" + std::string(key))) return "Did you mean " + in_quotes(name) + "?";
    return suggest(key, own);
  }

  void set_method(const std::string& method, const ConfigSection& auth) {
    if (!instance_.auth_method.empty() && instance_.auth_method != method)
      auth.error("method", "is " + in_quotes(method) + ", but a 'token' is given beside it", "Keep one of them.");
    instance_.auth_method = method;
    if (method != "appRole") return;
    instance_.auth_method = "approle";
    auth.warn("method", "'appRole' is an older spelling", "Write method: approle.");
  }

  void param(const std::string& key, const std::string& value, SourcePos pos, const std::string& path) {
    if (key == "address" && is_built_in(instance_.type)) {
      older(pos, path, "address");
      put("address", value, pos, path);
    } else if (key == "vault_name" && instance_.type == "azure") {
      older(pos, path, "address: https://NAME.vault.azure.net");
      if (!is_azure_vault(value)) {
        findings().error(pos, path, "is no vault's name", "Letters, digits and '-'.");
        return;
      }
      put("address", "https://" + value + ".vault.azure.net", pos, path);
    } else {
      put_param(key, value, pos, path);
    }
  }

  void older(SourcePos pos, const std::string& path, std::string_view present) {
    findings().warn(pos, path, "is an older spelling",
                    "Write '" + std::string(present) + "' directly under " + in_quotes(section_.path()) + ".");
  }

  void put_param(const std::string& key, const std::string& value, SourcePos pos, const std::string& path) {
    check_value(key, value, pos, path);
    if (!instance_.auth_params.emplace(key, value).second)
      findings().error(pos, path, in_quotes(key) + " is given twice", "Keep one of them.");
  }

  void put(std::string_view key, const std::string& value, SourcePos pos, const std::string& path) {
    if (key == "token" || key == "token_file") {
      findings().warn(pos, path, "is an older spelling", "Write auth: {method: token, params: {token_file: /run/keys/token}}.");
      if (instance_.auth_method.empty()) instance_.auth_method = "token";
      put_param(std::string(key), value, pos, path);
      return;
    }
    if (key == "vault_url" || key == "vault_addr") {
      findings().warn(pos, path, "is an older spelling", "Write 'address'.");
      key = "address";
    }
    if (!belongs(key, pos, path)) return;
    check_value(key, value, pos, path);
    if (key == "address" || key == "endpoint" || key == "authority_host") check_url(value, pos, path);
    if (key == "egress") check_urls(value, pos, path);
    if (key == "proxy" && !value.starts_with("http://"))  // not repeated: it may hold a password
      findings().error(pos, path, "must begin with http://", "For example http://proxy.example:3128.");
    if (!instance_.settings.emplace(key, value).second)
      findings().error(pos, path, in_quotes(key) + " is given twice", "Keep one of them.");
  }

  /// A setting of another kind is a mistake where both kinds are DSO's own.
  bool belongs(std::string_view key, SourcePos pos, const std::string& path) {
    if (!is_built_in(instance_.type)) return true;
    for (const KindSetting& s : kind_settings()) {
      if (s.name != key || contains(s.kinds, instance_.type)) continue;
      findings().error(pos, path, "is no setting of the kind " + in_quotes(instance_.type),
                       "It belongs to: " + join(s.kinds, ", ") + ".");
      return false;
    }
    return true;
  }

  void check_value(std::string_view key, const std::string& value, SourcePos pos, const std::string& path) {
    if (value.find("${") != std::string::npos)
      findings().warn(pos, path, "'${…}' is taken as it stands: DSO replaces no variables in its config",
                      "Leave the key out where the provider reads the variable itself, or name a file.");
    else if (is_credential(key) && !value.empty())
      findings().warn(
          pos, path, "a credential stands in the config in plain text",
          "Put it in a file that only root can read, and name that with " + in_quotes(std::string(key) + "_file") + ".");
    const bool file = key.ends_with("_file") || key == "client_cert" || key == "client_key";
    if (file && !value.starts_with('/'))
      findings().error(pos, path, "must be an absolute path", "Write it out: neither the agent's folder nor '~' is meant here.");
  }

  void check_urls(std::string_view list, SourcePos pos, const std::string& path) {
    for (std::size_t at = 0; at <= list.size();) {
      const std::size_t comma = std::min(list.find(',', at), list.size());
      check_url(std::string(trim(list.substr(at, comma - at))), pos, path);
      at = comma + 1;
    }
  }

  void check_url(const std::string& value, SourcePos pos, const std::string& path) {
    const bool plain = value.starts_with("http://");
    const std::string_view rest = std::string_view(value).substr(std::min(value.size(), plain ? std::size_t{7} : std::size_t{8}));
    const std::string_view host = rest.substr(0, rest.find('/'));
    // The text is not repeated: people put passwords into URLs.
    if (!plain && !value.starts_with("https://"))
      findings().error(pos, path, "must begin with https:// (or http://)", "For example https://vault.example:8200.");
    else if (host.find('@') != std::string_view::npos)
      findings().error(pos, path, "must hold no user name or password", "Credentials belong under 'auth'.");
    else if (host.empty() || rest.find_first_of(" ?#") != std::string_view::npos)
      findings().error(pos, path, "is not an address", "For example https://vault.example:8200.");
    else if (plain && !host.starts_with("127.") && !host.starts_with("localhost") && !host.starts_with("[::1]"))
      findings().warn(pos, path, "http:// sends secrets over the network in the clear", "Use https://.");
  }

  void read_limits() {
    if (const auto retry = section_.section("retry", "providers.*.retry")) {
      if (auto attempts = retry->integer("attempts", 1, 20)) instance_.retry_attempts = static_cast<int>(*attempts);
      instance_.retry_backoff = retry->duration("backoff", kBackoffBounds).value_or(instance_.retry_backoff);
    }
    instance_.timeout = section_.duration("timeout", kTimeoutBounds).value_or(instance_.timeout);
    instance_.sandbox = section_.choice_text("sandbox").value_or(instance_.sandbox);
  }

  const ConfigSection& section_;
  ProviderInstance& instance_;
};

}  // namespace

bool is_credential(std::string_view key) {
  constexpr std::string_view kEndings[] = {"token",      "secret",      "password",  "secret_id", "secret_access_key",
                                           "secret_key", "private_key", "passphrase"};
  return std::any_of(std::begin(kEndings), std::end(kEndings), [key](std::string_view ending) { return key.ends_with(ending); });
}

void read_instance(const YamlNode& node, const std::string& path, InstanceForm form, ProviderInstance& instance,
                   ConfigFindings& findings) {
  const ConfigSection section(
      node, path, "providers.*", findings,
      is_built_in(instance.type) ? ConfigSection::Unknown::error : ConfigSection::Unknown::allowed,
      [&](std::string_view key) { return auth_param_hint(instance.type, "providers.*", key, dotted(path, "auth") + ".params"); });
  InstanceReader(section, instance).read(form);
}

}  // namespace dso
