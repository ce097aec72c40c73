// Any bytes as dso.yaml: no crash, no hang, and what comes out keeps the parser's promises.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "logic/parse_config.h"
#include "logic/reference.h"
#include "logic/resolve_targets.h"
#include "logic/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const dso::ParsedConfig parsed = dso::parse_config(text, "fuzz.yaml");
  bool error = false;
  for (const dso::Diagnostic& d : parsed.diagnostics) {
    error |= d.severity == dso::Diagnostic::Severity::error;
    // A line for a terminal, from a file of a stranger.
    if (d.message.empty() || dso::has_control(dso::render(d))) std::abort();
  }
  if (error == parsed.config.has_value()) std::abort();
  if (!parsed.config) return 0;
  if (parsed.config->providers.empty()) std::abort();
  for (const dso::SecretConfig& s : parsed.config->secrets) {
    if (s.name.empty() || !parsed.config->find_provider(s.provider)) std::abort();
    if (s.inject.type == dso::InjectType::env && s.rotation && s.reload.type == dso::Strategy::signal) std::abort();
  }
  dso::TargetFacts facts;
  facts.name = "api";
  facts.labels["dso.secrets"] = std::string(text.substr(0, 200));
  (void)dso::resolve_items(*parsed.config, facts);
  return 0;
}
