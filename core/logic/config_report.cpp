// The summary line, the table of what polling costs, and the JSON of `dso validate`.
#include "logic/config_report.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cmath>

#include "logic/duration.h"
#include "logic/poll_cost.h"
#include "logic/text.h"

namespace dso {
namespace {

std::string counted(std::size_t n, const std::string& noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

bool is_error(const Diagnostic& d) {
  return d.severity == Diagnostic::Severity::error;
}

/// To the cent, rounded up: what costs a little does not cost nothing.
std::string dollars(double usd) {
  const auto cents = static_cast<long long>(std::ceil(usd * 100 - 1e-6));
  const std::string rest = std::to_string(cents % 100);
  return std::to_string(cents / 100) + "." + (rest.size() < 2 ? "0" : "") + rest;
}

boost::json::array polling_json(const Config& config) {
  boost::json::array providers;
  for (const PollCost& cost : poll_costs(config)) {
    boost::json::array stores;
    for (const StoreCalls& s : cost.stores) {
      boost::json::object one{{"service", s.service}, {"secrets", s.secrets}, {"calls", s.calls}, {"at_least", s.at_least}};
      one["usd"] = s.usd ? boost::json::value(*s.usd) : boost::json::value(nullptr);
      one["kept_usd"] = s.kept_usd;
      stores.push_back(std::move(one));
    }
    providers.push_back({{"name", cost.instance},
                         {"type", cost.type},
                         {"secrets", cost.secrets},
                         {"known", cost.known},
                         {"stores", std::move(stores)}});
  }
  return providers;
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

std::string poll_cost_heading(const Config& config) {
  return "Polling every " + format_duration(config.agent.polling_interval) + " for " + std::to_string(kDaysOfAMonth) +
         " days, on each host, with every secret in use and none changing; list prices:";
}

std::vector<std::vector<std::string>> poll_cost_rows(const Config& config) {
  std::vector<std::vector<std::string>> rows;
  for (const PollCost& cost : poll_costs(config)) {
    const std::string count = std::to_string(cost.secrets);
    if (!cost.known) rows.push_back({cost.instance, cost.type, count, "-", "-", "only this provider knows"});
    if (cost.known && cost.stores.empty())
      rows.push_back({cost.instance, cost.type, count, "0", "-", cost.secrets == 0 ? "no secret is polled" : "no service"});
    for (const StoreCalls& s : cost.stores)
      rows.push_back({cost.instance, cost.type, std::to_string(s.secrets),
                      (s.at_least ? "at least " : "") + std::to_string(s.calls),
                      s.usd ? (s.at_least ? "at least " : "") + dollars(*s.usd) : "-",
                      std::string(s.service) + ": " + std::string(s.explanation) +
                          (s.kept_usd > 0 ? "; keeping them is " + dollars(s.kept_usd) + " more" : "")});
  }
  return rows;
}

std::string config_report_json(const Config& config, const std::vector<Diagnostic>& diagnostics, bool valid) {
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
  boost::json::object out{{"valid", valid}, {"file", config.file}, {"diagnostics", std::move(list)}};
  if (valid)
    out["polling"] = {
        {"interval_ms", config.agent.polling_interval.count()}, {"days", kDaysOfAMonth}, {"providers", polling_json(config)}};
  return boost::json::serialize(out);
}

}  // namespace dso
