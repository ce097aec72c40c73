// Lines and assignments as docker/cli's opts package takes them apart.
#include "logic/run_variables.h"

#include <algorithm>

namespace dso {

RunVariable run_variable(std::string_view assignment, VariableLookup lookup) {
  const auto equals = assignment.find('=');
  RunVariable out{std::string(assignment.substr(0, equals))};
  std::string_view value;
  if (equals != std::string_view::npos) {
    value = assignment.substr(equals + 1);
  } else if (const char* ours = lookup ? lookup(out.name.c_str()) : nullptr) {
    value = ours;
  }
  out.mention = mention_in(value);
  if (out.mention == Mention::whole) out.reference = env_reference(out.name, value);
  return out;
}

RunEnvFile read_run_env_file(std::string_view text, VariableLookup lookup) {
  RunEnvFile out;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  while (!text.empty()) {
    const std::string_view whole = text.substr(0, std::min(text.find('\n'), text.size() - 1) + 1);
    text.remove_prefix(whole.size());
    std::string_view line = whole;
    while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
    line.remove_prefix(std::min(line.find_first_not_of(" \t\v\f"), line.size()));
    if (!line.empty() && line.front() != '#') {
      RunVariable variable = run_variable(line, lookup);
      const bool reference = variable.mention != Mention::none;
      out.variables.push_back(std::move(variable));
      out.changed = out.changed || reference;
      if (reference) continue;
    }
    append(out.kept, whole);
  }
  return out;
}

Result<std::vector<EnvReference>> references_that_count(const std::vector<RunVariable>& variables) {
  std::vector<EnvReference> out;
  for (auto v = variables.begin(); v != variables.end(); ++v) {
    if (v->mention == Mention::none) continue;
    if (std::any_of(v + 1, variables.end(), [&](const RunVariable& later) { return later.name == v->name; })) continue;
    if (v->mention == Mention::inside)
      return make_error(ErrorClass::usage, "Cannot run the container",
                        "the variable " + v->name +
                            " holds a reference (dso:// or dsofile://) inside a longer text, which would be passed on as it is",
                        "Put the whole text into a secret, and give its reference alone, or --secret NAME:" + v->name + ".");
    out.push_back(v->reference);
  }
  return out;
}

}  // namespace dso
