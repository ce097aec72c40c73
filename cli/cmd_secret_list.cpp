// `dso secret list`: names, versions and fields of the local store; no values.
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <ctime>

#include "command.h"
#include "render.h"
#include "secret_target.h"

namespace dso::cli {
namespace {

std::string utc(std::int64_t ms) {
  const std::time_t seconds = ms / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts));
}

std::string as_json(const std::vector<LocalStore::Entry>& entries) {
  boost::json::array out;
  for (const LocalStore::Entry& e : entries)
    out.push_back(boost::json::object{{"name", e.name},
                                      {"version", e.version},
                                      {"fields", boost::json::array(e.fields.begin(), e.fields.end())},
                                      {"changed_at", utc(e.changed_at_ms)}});
  return boost::json::serialize(out);
}

std::string as_names(const std::vector<LocalStore::Entry>& entries) {
  std::string out;
  for (const LocalStore::Entry& e : entries) out += e.name + "\n";
  return out;
}

std::string as_table(const std::vector<LocalStore::Entry>& entries) {
  const auto now =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  std::vector<std::vector<std::string>> rows;
  for (const LocalStore::Entry& e : entries) {
    std::string fields;
    for (const std::string& f : e.fields) fields += (fields.empty() ? "" : ", ") + f;
    rows.push_back({e.name, e.version, fields, ago(now - e.changed_at_ms)});
  }
  return table({"NAME", "VERSION", "FIELDS", "CHANGED"}, rows);
}

}  // namespace

CommandResult cmd_secret_list(CommandContext& ctx) {
  DSO_TRY(const LocalStore store, open_local_store(ctx));
  const auto entries = store.list();
  if (ctx.globals.json()) return print(as_json(entries)) ? 0 : 1;
  if (ctx.globals.quiet) return entries.empty() || print(as_names(entries)) ? 0 : 1;
  return print(as_table(entries)) ? 0 : 1;
}

}  // namespace dso::cli
