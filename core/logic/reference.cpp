// One way to read "[provider/]name[#field]", wherever it stands.
#include "logic/reference.h"

#include <algorithm>

#include "logic/config_mappings.h"
#include "logic/pinned_version.h"
#include "logic/text.h"

namespace dso {
namespace {

constexpr std::string_view kSchemes[] = {"dso://", "dsofile://"};

Error not_a_reference(std::string_view text, std::string cause) {
  Error e;
  e.cls = ErrorClass::usage;
  e.what = "Cannot read the reference " + in_quotes(text);
  e.cause = std::move(cause);
  e.next = "Write it as [provider/]name[#field], for example myapp/db#password.";
  return e;
}

/// The provider of a name that says none: the one under which the config lists it, else the first.
Result<std::string> provider_of(const std::string& name, std::string_view text, const Config& config) {
  std::vector<std::string_view> found;
  for (const SecretConfig& s : config.secrets)
    if (without_pin(s.name) == without_pin(name) && std::find(found.begin(), found.end(), s.provider) == found.end())
      found.push_back(s.provider);
  if (found.size() > 1) {
    Error e = not_a_reference(text, "the config has that secret at several providers: " + join(found, ", "));
    e.next = "Name the one that is meant: " + std::string(found[0]) + "/" + printable(name) + ".";
    return e;
  }
  if (found.size() == 1) return std::string(found[0]);
  return config.providers.empty() ? std::string("default") : config.providers.front().name;
}

}  // namespace

Result<Reference> parse_reference(std::string_view text, const Config& config) {
  std::string_view rest = text;
  for (std::string_view scheme : kSchemes)
    if (rest.starts_with(scheme)) {
      rest.remove_prefix(scheme.size());
      break;
    }
  Reference out;
  if (const auto hash = rest.find('#'); hash != std::string_view::npos) {
    out.field = rest.substr(hash + 1);
    rest = rest.substr(0, hash);
    if (out.field.empty() || out.field == "#") return not_a_reference(text, "there is no field after '#'");
    if (has_control(out.field)) return not_a_reference(text, "the field holds a control character");
  }
  const auto slash = rest.find('/');
  if (slash != std::string_view::npos && config.find_provider(std::string(rest.substr(0, slash)))) {
    out.key.instance = rest.substr(0, slash);
    rest.remove_prefix(slash + 1);
    if (rest.empty()) return not_a_reference(text, "there is no name after the provider");
  }
  if (rest.empty()) return not_a_reference(text, "there is no name");
  if (const std::string problem = secret_name_problem(rest); !problem.empty())
    return not_a_reference(text, "the name " + problem);
  out.key.name = rest;
  if (out.key.instance.empty()) {
    DSO_TRY(out.key.instance, provider_of(out.key.name, text, config));
  }
  return out;
}

}  // namespace dso
