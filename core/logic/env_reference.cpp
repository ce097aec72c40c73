// One reading of such values for compose files and for `docker run`'s flags and env files.
#include "logic/env_reference.h"

#include "logic/reference.h"
#include "logic/resolve_targets.h"

namespace dso {
namespace {

constexpr std::string_view kValueScheme = "dso://";
constexpr std::string_view kPathScheme = "dsofile://";
constexpr const char* kReferenceFolder = "/run/secrets/";

bool has_scheme(std::string_view text) {
  return text.find(kValueScheme) != std::string_view::npos || text.find(kPathScheme) != std::string_view::npos;
}

std::string_view behind_scheme(std::string_view value) {
  return value.substr((value.starts_with(kPathScheme) ? kPathScheme : kValueScheme).size());
}

}  // namespace

Mention mention_in(std::string_view value) {
  if (!has_scheme(value)) return Mention::none;
  const bool begins = value.starts_with(kValueScheme) || value.starts_with(kPathScheme);
  return begins && !has_scheme(behind_scheme(value)) ? Mention::whole : Mention::inside;
}

EnvReference env_reference(std::string_view variable, std::string_view value) {
  return {std::string(variable), value.starts_with(kPathScheme), std::string(behind_scheme(value))};
}

std::string reference_path(const EnvReference& r) {
  return kReferenceFolder + r.variable;
}

Result<DeliveryItem> reference_item(const Config& config, const EnvReference& r) {
  auto to = parse_reference(r.reference, config);
  if (to.has_error()) {
    Error e = to.error();
    e.what = "the variable " + r.variable + ": " + e.what;
    return e;
  }
  DeliveryItem item = item_for(config, to->key);
  if ((item.inject.type == InjectType::file) != r.file) item.inject = Inject{};
  item.inject.type = r.file ? InjectType::file : InjectType::env;
  item.inject.path = r.file ? kReferenceFolder : "";
  item.mappings = {{to->field, r.variable}};
  return item;
}

}  // namespace dso
