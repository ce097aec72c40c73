// The summary line and the JSON of `dso validate`.
#include "logic/config_report.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "logic/text.h"

namespace dso {
namespace {

std::string counted(std::size_t n, const std::string& noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

bool is_error(const Diagnostic& d) {
  return d.severity == Diagnostic::Severity::error;
}

}  // namespace

std::string config_summary(const Config& config, const std::vector<Diagnostic>& diagnostics, bool valid) {
  const auto errors = static_cast<std::size_t>(std::count_if(diagnostics.begin(), diagnostics.end(), is_error));
  const std::size_t warnings = diagnostics.size() - errors;
  const std::string file =
      config.file.empty() ? "no dso.yaml found, built-in defaults with the local store" : printable(config.file, 4096);
  std::string out = file + ": ";
  out += valid ? counted(config.secrets.size(), "secret") + ", " + counted(config.providers.size(), "provider")
               : counted(errors, "error");
  if (warnings > 0) out += ", " + counted(warnings, "warning");
  return out + (valid ? ": valid" : ": not valid");
}

std::string config_report_json(const std::string& file, const std::vector<Diagnostic>& diagnostics, bool valid) {
  boost::json::array list;
  for (const Diagnostic& d : diagnostics) {
    list.push_back({{"severity", is_error(d) ? "error" : "warning"},
                    {"file", d.file},
                    {"line", d.pos.line},
                    {"column", d.pos.column},
                    {"key", d.key},
                    {"message", d.message},
                    {"hint", d.hint}});
  }
  return boost::json::serialize(boost::json::object{{"valid", valid}, {"file", file}, {"diagnostics", std::move(list)}});
}

}  // namespace dso
