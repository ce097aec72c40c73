// One entry of the list at a time, each over the defaults.
#include "logic/config_secrets.h"

#include <algorithm>

#include "logic/config_inject.h"
#include "logic/config_mappings.h"
#include "logic/label_slips.h"
#include "logic/pinned_version.h"
#include "logic/text.h"

namespace dso {
namespace {

bool is_container_name(std::string_view text) {
  const auto ok = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
  };
  return !text.empty() && text.front() != '.' && text.front() != '-' && std::all_of(text.begin(), text.end(), ok);
}

void read_containers(const ConfigSection& section, Targets& targets) {
  const YamlNode* list = section.find("containers");
  const std::string path = section.path_of("containers");
  if (!list ||
      !expect_list(*list, path,
                   list->kind == YamlNode::Kind::text ? "Write [" + printable(list->text) + "]." : "For example [api, worker].",
                   section.findings()))
    return;
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    const std::string at = path + "[" + std::to_string(i) + "]";
    const auto name = read_text(list->items[i], at, section.findings());
    if (name && !is_container_name(*name))
      section.findings().error(list->items[i].pos, at, in_quotes(*name) + " cannot be the name of a container or service",
                               name->starts_with('/') ? "Write it without the '/'."
                                                      : "Letters, digits, '_', '.' and '-'; patterns are not supported.");
    else if (name)
      targets.containers.push_back(*name);
  }
}

void read_labels(const ConfigSection& section, Targets& targets) {
  const YamlNode* map = section.find("labels");
  const std::string path = section.path_of("labels");
  if (!map || !expect_map(*map, path, "For example {tier: web}.", section.findings())) return;
  for (const YamlEntry& entry : map->entries)
    if (auto value = read_scalar(entry.value, dotted(path, entry.key), section.findings())) {
      for (LabelSlip& slip : label_slips({{entry.key, *value}}))
        section.findings().warn(entry.key_pos, dotted(path, entry.key), std::move(slip.found), std::move(slip.next));
      targets.labels.emplace(entry.key, *value);
    }
}

Targets read_targets(const ConfigSection& section) {
  Targets targets;
  const auto found = section.section("targets", "secrets[].targets");
  if (!found) return targets;
  read_containers(*found, targets);
  read_labels(*found, targets);
  if (targets.empty() && !found->has("containers") && !found->has("labels"))
    section.warn("targets", "names no container", "Leave it out, or give 'containers' or 'labels'.");
  return targets;
}

class SecretsReader {
 public:
  SecretsReader(const ConfigDefaults& defaults, Config& config, ConfigFindings& findings)
      : defaults_(defaults), config_(config), findings_(findings) {}

  std::vector<SecretMarks> read(const YamlNode& list) {
    for (std::size_t i = 0; i < list.items.size(); ++i) {
      const std::string path = "secrets[" + std::to_string(i) + "]";
      const YamlNode& item = list.items[i];
      if (item.kind == YamlNode::Kind::text)
        findings_.error(item.pos, path, "must be a map, not a text", "Write '- name: " + printable(item.text) + "'.");
      else if (item.kind == YamlNode::Kind::null)
        findings_.error(item.pos, path, "is empty", "Write '- name: myapp/db', or leave the '-' out.");
      else if (expect_map(item, path, "For example '- name: myapp/db'.", findings_))
        read_entry(ConfigSection(item, path, "secrets[]", findings_));
    }
    return std::move(marks_);
  }

 private:
  void read_entry(const ConfigSection& section) {
    SecretConfig secret;
    SecretMarks marks = marks_of(section);
    secret.pos = section.pos();
    read_provider(section, secret, marks);
    secret.inject = config_.default_inject;
    if (const YamlNode* node = section.find("inject"))
      secret.inject = read_inject(*node, section.path_of("inject"), config_.default_inject, findings_);
    read_changes(section, secret);
    secret.targets = read_targets(section);
    ReadMappings mappings;
    if (const YamlNode* node = section.find("mappings"))
      mappings = read_mappings(*node, section.path_of("mappings"), secret.inject.type, findings_);
    read_name(section, mappings, secret);
    add(std::move(secret), mappings, marks);
  }

  static SecretMarks marks_of(const ConfigSection& section) {
    SecretMarks marks;
    marks.path = section.path();
    marks.name = section.pos_of("name");
    marks.provider = section.pos_of("provider");
    marks.inject = section.pos_of("inject");
    marks.reload = section.pos_of("reload_strategy");
    marks.own_inject = section.has("inject");
    marks.own_reload = section.has("reload_strategy");
    return marks;
  }

  void read_provider(const ConfigSection& section, SecretConfig& secret, SecretMarks& marks) {
    secret.provider = config_.providers.front().name;
    const auto named = section.text("provider");
    if (!named) return;
    marks.named_provider = *named;
    secret.provider = *named;
    const ProviderInstance& only = config_.providers.front();
    // In the Go project's short form the one instance bears the name of its kind.
    if (config_.providers.size() == 1 && only.name == "default" && *named == only.type && *named != only.name) {
      secret.provider = only.name;
      section.warn("provider", "names the kind of the one provider, which is an older spelling", "Leave the key out.");
    }
  }

  /// rotation and reload_strategy, which the older `rotation` map says together.
  void read_changes(const ConfigSection& section, SecretConfig& secret) {
    ReloadSetting older, own;
    secret.rotation = read_rotation(section, config_.default_rotation, older);
    if (const YamlNode* node = section.find("reload_strategy")) {
      own = read_reload(*node, section.path_of("reload_strategy"), findings_);
      if (own.type && older.type && own.type != older.type)
        section.error("reload_strategy", "contradicts the strategy under 'rotation'",
                      "Keep 'reload_strategy', and write 'rotation: true'.");
      if (!secret.rotation) section.warn("reload_strategy", "has no effect, since 'rotation' is false", "Leave one of them out.");
    }
    const ReloadSetting whole = own.over(older).over(defaults_.defaults);
    secret.reload = whole.finished();
    secret.health_check_timeout = whole.health_check_timeout.value_or(config_.agent.health_check_timeout);
  }

  void read_name(const ConfigSection& section, const ReadMappings& mappings, SecretConfig& secret) {
    if (!section.has("name")) {
      if (!mappings.only_paths())
        findings_.error(section.pos(), section.path(), "has no 'name'",
                        "Give the secret's name as the store knows it, as 'name: myapp/db'.");
      return;
    }
    const auto name = section.text("name");
    if (!name) return;
    const std::string problem = secret_name_problem(*name);
    if (!problem.empty()) return section.error("name", in_quotes(*name) + " " + problem);
    secret.name = *name;
    const YamlNode* version = section.find("version");
    const auto text = version ? read_scalar(*version, section.path_of("version"), findings_) : std::nullopt;
    if (!text) return;
    if (text->empty() || has_control(*text) || text->find_first_of("#?& ") != std::string::npos || !pin_of(*name).empty())
      return section.error("version", "is no version of a store, or the name has one already", "For example AWSPREVIOUS, or 3.");
    secret.name += std::string(kPin) + *text;
  }

  /// One SecretConfig for the entry's own name, one for each path that its mappings name.
  void add(SecretConfig secret, const ReadMappings& mappings, const SecretMarks& marks) {
    std::vector<std::pair<std::string, std::vector<Mapping>>> parts = mappings.by_path;
    if (!mappings.only_paths()) {
      auto same = std::find_if(parts.begin(), parts.end(), [&](const auto& p) { return p.first == secret.name; });
      if (same != parts.end())
        same->second.insert(same->second.begin(), mappings.own.begin(), mappings.own.end());
      else
        parts.insert(parts.begin(), {secret.name, mappings.own});
    }
    for (auto& [name, of_it] : parts) {
      SecretConfig one = secret;
      SecretMarks its = marks;
      its.by_path = name != secret.name;
      one.name = name;
      one.mappings = std::move(of_it);
      config_.secrets.push_back(std::move(one));
      marks_.push_back(std::move(its));
    }
  }

  const ConfigDefaults& defaults_;
  Config& config_;
  ConfigFindings& findings_;
  std::vector<SecretMarks> marks_;
};

}  // namespace

std::vector<SecretMarks> read_secrets(const ConfigSection& top, const ConfigDefaults& defaults, Config& config) {
  const YamlNode* list = top.find("secrets");
  if (!list || !expect_list(*list, "secrets", "Begin each secret with '- name: …'.", top.findings())) return {};
  return SecretsReader(defaults, config, top.findings()).read(*list);
}

}  // namespace dso
