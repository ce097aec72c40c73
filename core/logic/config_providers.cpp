// Which instances there are, and of which kind.
#include "logic/config_providers.h"

#include <algorithm>

#include "logic/config_instance.h"
#include "logic/text.h"

namespace dso {
namespace {

constexpr std::string_view kShortName = "default";

bool is_lower_name(std::string_view text, std::size_t longest, std::string_view others) {
  if (text.empty() || text.size() > longest) return false;
  return std::all_of(text.begin(), text.end(), [others](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || others.find(c) != std::string_view::npos;
  });
}

bool is_instance_name(std::string_view text) {
  return is_lower_name(lower(text), 64, "-_.") && text.front() != '.' && text.front() != '-';
}

/// Reports kinds that cannot be; the kind of a drop-in is taken on trust, since its file may well be there.
void check_kind(const std::string& kind, SourcePos pos, const std::string& path, ConfigFindings& findings) {
  const auto known = built_in_kinds();
  if (std::find(known.begin(), known.end(), kind) != known.end()) return;
  if (kind == "env") {
    findings.error(
        pos, path,
        "the agent's own environment is no store: it cannot change while the agent runs, and other processes can read it",
        "Take the values over with 'dso env import', and use the kind 'local'.");
  } else if (kind == "huawei") {
    findings.error(pos, path, "no provider of that kind is installed",
                   "A provider is one file, libdso_provider_" + kind +
                       ".so; install it with 'dso provider install FILE' under a name of its own.");
  } else if (!is_lower_name(kind, 32, "-") || kind.front() < 'a') {
    findings.error(pos, path, in_quotes(kind) + " cannot be a provider's kind", suggest(kind, known));
  } else if (const std::string hint = did_you_mean(kind, known); !hint.empty()) {
    findings.warn(pos, path, in_quotes(kind) + " is none of DSO's own kinds", hint);
  }
}

void read_short_form(const ConfigSection& top, Config& config) {
  const YamlNode* provider = top.find("provider");
  ProviderInstance instance;
  instance.name = kShortName;
  instance.pos = top.pos_of("provider");
  if (provider->kind == YamlNode::Kind::map) {
    top.error("provider", "must be the kind of the one provider, not a map",
              "Several settings go under 'providers': {prod: {type: vault, …}}.");
  } else if (auto kind = top.text("provider")) {
    instance.type = *kind;
    check_kind(*kind, provider->pos, "provider", top.findings());
  }
  if (const YamlNode* settings = top.find("config");
      settings && expect_map(*settings, "config", "For example {region: eu-west-1}.", top.findings()))
    read_instance(*settings, "config", InstanceForm::short_form, instance, top.findings());
  config.providers.push_back(std::move(instance));
}

void read_long_form(const ConfigSection& top, Config& config) {
  const YamlNode& map = *top.find("providers");
  if (!expect_map(map, "providers", "For example providers: {prod: {type: vault, address: \"https://vault:8200\"}}.",
                  top.findings()))
    return;
  for (const YamlEntry& entry : map.entries) {
    const std::string path = dotted("providers", entry.key);
    ProviderInstance instance;
    instance.name = entry.key;
    instance.pos = entry.key_pos;
    if (!is_instance_name(entry.key))
      top.findings().error(entry.key_pos, path, "cannot be an instance's name",
                           "Use letters, digits, '-', '_' and '.', at most 64.");
    if (entry.value.kind == YamlNode::Kind::null) {
      top.findings().error(entry.key_pos, path, "has no 'type'", "For example {type: vault}.");
    } else if (expect_map(entry.value, path, "For example {type: vault, address: \"https://vault:8200\"}.", top.findings())) {
      if (const YamlEntry* type = entry.value.find("type")) {
        if (auto kind = read_text(type->value, path + ".type", top.findings())) {
          instance.type = *kind;
          check_kind(*kind, type->value.pos, path + ".type", top.findings());
        }
      } else {
        top.findings().error(entry.key_pos, path, "has no 'type'",
                             "One of: " + join(built_in_kinds(), ", ") + ", or the kind of an installed provider.");
      }
      read_instance(entry.value, path, InstanceForm::long_form, instance, top.findings());
    }
    config.providers.push_back(std::move(instance));
  }
  if (map.entries.empty()) top.error("providers", "names no provider", "Leave the key out to use the local store.");
}

/// `mode: local` is the Go project's way to ask for the local store; its other modes say nothing about stores.
void read_mode(const ConfigSection& top) {
  const auto mode = top.choice_text("mode");
  if (!mode) return;
  if (*mode != "local")
    top.warn("mode", "is ignored", "Leave it out; the providers say where secrets come from.");
  else if (top.has("provider") || top.has("providers"))
    top.error("mode", "'local' means the local store, but there are other providers too",
              "Leave 'mode' out; add {type: local} under 'providers' if you need it.");
  else
    top.warn("mode", "is an older spelling", "Leave it out; without 'provider' the local store is used.");
}

}  // namespace

ProviderInstance local_instance() {
  ProviderInstance out;
  out.name = kShortName;
  out.type = "local";
  return out;
}

void read_providers(const ConfigSection& top, Config& config) {
  const bool is_short = top.has("provider"), is_long = top.has("providers");
  read_mode(top);
  if (is_short && is_long)
    top.error("provider", "the short form ('provider') and the long form ('providers') exclude each other",
              "Keep 'providers'; a secret that names no provider uses the first one.");
  if (top.has("config") && !is_short)
    top.error("config", "belongs to 'provider', which is not there",
              is_long ? "Write the settings under the instance in 'providers'." : "Add 'provider: aws' (or vault, azure, …).");
  if (is_long) read_long_form(top, config);
  if (is_short && !is_long) read_short_form(top, config);
  if (config.providers.empty()) config.providers.push_back(local_instance());
}

}  // namespace dso
