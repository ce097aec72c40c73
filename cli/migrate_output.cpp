// Two tables: the variables, and lines that need a hand.
#include "migrate_output.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "render.h"

namespace dso::cli {
namespace {

struct MigrateRow {
  std::string service, variable, action, reason, reference;
  std::size_t line = 0;
};

const RefusedEdit* refused(const MigrateReport& report, const VariableDecision& d) {
  for (const RefusedEdit& r : report.refused)
    if (r.service == d.service && r.variable == d.variable) return &r;
  return nullptr;
}

std::vector<MigrateRow> rows_of(const MigrateReport& report) {
  std::vector<MigrateRow> out;
  for (const VariableDecision& d : report.decisions) {
    if (const RefusedEdit* r = refused(report, d))
      out.push_back({d.service, d.variable, "by hand", r->reason, d.reference, r->line});
    else
      out.push_back({d.service, d.variable, d.move ? "move" : "keep", d.reason, d.reference, 0});
  }
  for (const RefusedEdit& r : report.refused)
    if (r.variable.empty()) out.push_back({r.service, "label dso.reloader", "by hand", r.reason, {}, r.line});
  for (const auto& [service, name] : report.build_arguments)
    out.push_back({service, name, "by hand", "a build argument stays in the image: use a build secret", {}, 0});
  return out;
}

std::string what(const Leftover& l) {
  return l.interpolated ? "puts ${" + l.variable + "} here" : "has the value of " + l.variable;
}

std::string text_of(const MigrateReport& report, const std::vector<MigrateRow>& rows) {
  std::vector<std::vector<std::string>> cells;
  for (const MigrateRow& r : rows) {
    const std::string where = r.line > 0 ? report.file + ":" + std::to_string(r.line) + ": " : "";
    cells.push_back({r.service, r.variable, r.action, where + r.reason, r.action == "move" ? r.reference : "-"});
  }
  std::string out = table({"SERVICE", "VARIABLE", "ACTION", "WHY", "BECOMES"}, cells);
  if (report.leftovers.empty()) return out;
  cells.clear();
  const std::string name = report.output == "-" ? "line " : report.output + ":";
  for (const Leftover& l : report.leftovers) cells.push_back({name + std::to_string(l.line), what(l)});
  return out + "\n\n" + table({"ALSO", "STILL"}, cells);
}

std::string json_of(const MigrateReport& report, const std::vector<MigrateRow>& rows) {
  boost::json::array variables, leftovers, stored;
  for (const MigrateRow& r : rows)
    variables.emplace_back(boost::json::object{{"service", r.service},
                                               {"variable", r.variable},
                                               {"action", r.action},
                                               {"reason", r.reason},
                                               {"line", r.line},
                                               {"reference", r.reference}});
  for (const Leftover& l : report.leftovers)
    leftovers.emplace_back(boost::json::object{{"line", l.line}, {"variable", l.variable}, {"what", what(l)}});
  for (const StoredChange& c : report.stored) stored.emplace_back(boost::json::object{{"name", c.name}, {"version", c.version}});
  return boost::json::serialize(boost::json::object{{"file", report.file},
                                                    {"output", report.output},
                                                    {"dry_run", report.dry_run},
                                                    {"variables", std::move(variables)},
                                                    {"leftovers", std::move(leftovers)},
                                                    {"stored", std::move(stored)}});
}

}  // namespace

bool show_migration(const Globals& globals, const MigrateReport& report) {
  const std::vector<MigrateRow> rows = rows_of(report);
  if (globals.json()) return print(json_of(report, rows));
  if (report.output != "-" || report.dry_run) return print(text_of(report, rows));
  note(globals, text_of(report, rows));
  return true;
}

}  // namespace dso::cli
