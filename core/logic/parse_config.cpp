// The order in which the parts of dso.yaml are read: defaults before the secrets that take them over.
#include "logic/parse_config.h"

#include "logic/config_agent.h"
#include "logic/config_findings.h"
#include "logic/config_providers.h"
#include "logic/config_secrets.h"
#include "logic/config_section.h"
#include "logic/config_yaml.h"
#include "logic/validate_config.h"

namespace dso {
namespace {

Config read_config(const YamlNode& root, const std::string& file, ConfigFindings& findings) {
  Config config;
  config.file = file;
  const ConfigSection top(root, {}, "", findings);
  const ConfigDefaults defaults = read_agent_and_defaults(top, config);
  read_providers(top, config);
  const std::vector<SecretMarks> marks = read_secrets(top, defaults, config);
  validate_config(config, marks, findings);
  return config;
}

}  // namespace

ParsedConfig parse_config(std::string_view text, const std::string& file) {
  ConfigFindings findings(file);
  ParsedConfig out;
  const YamlNode root = load_yaml(text, findings);
  if (root.kind == YamlNode::Kind::null) {
    findings.warn({}, {}, "the file is empty: the built-in defaults and the local store are used", "See docs/config.md.");
    out.config = default_config();
    out.config->file = file;
  } else if (root.kind == YamlNode::Kind::map) {
    Config config = read_config(root, file, findings);
    if (!findings.has_error()) out.config = std::move(config);
  } else if (root.kind != YamlNode::Kind::refused) {
    findings.error(root.pos, {}, "the file must be a map of keys, not " + std::string(kind_name(root)),
                   "For example 'provider: aws'; see docs/config.md.");
  }
  if (findings.has_error()) out.config.reset();
  out.diagnostics = findings.take();
  return out;
}

Config default_config() {
  Config config;
  config.providers.push_back(local_instance());
  return config;
}

}  // namespace dso
