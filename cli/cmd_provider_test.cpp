// `dso provider test`: asks any provider library what the ABI promises, confined as in service, and shows a row a check.
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cstdlib>

#include "agent/load_config.h"
#include "command.h"
#include "provider/conformance.h"
#include "render.h"

namespace dso::cli {
namespace {

using Rows = std::vector<ConformanceRow>;

/// -p names an instance; with -c alone it is the first one of that kind; else none.
Result<std::optional<ProviderInstance>> instance_for(const CommandContext& ctx, const std::string& type) {
  const std::string name = ctx.text("provider");
  if (name.empty() && ctx.globals.config_path.empty()) return std::optional<ProviderInstance>();
  DSO_TRY(LoadedConfig loaded, load_config(ctx.globals.config_path));
  const std::string in = loaded.config.file.empty() ? "no dso.yaml was found" : "in " + loaded.config.file;
  for (ProviderInstance& instance : loaded.config.providers) {
    if (name.empty() ? instance.type != type : instance.name != name) continue;
    if (instance.type != type)
      return make_error(ErrorClass::config, "Cannot open the provider as '" + name + "'",
                        "that instance is of type '" + instance.type + "', the library is '" + type + "'");
    return std::optional<ProviderInstance>(std::move(instance));
  }
  return make_error(
      ErrorClass::config, "Cannot open the provider",
      (name.empty() ? "there is no instance of type '" + type + "'" : "there is no instance '" + name + "'") + " (" + in + ")",
      "Add one under `providers:`, or leave -p and -c out for an empty config.");
}

std::string as_json(const Rows& rows) {
  boost::json::array out;
  for (const ConformanceRow& r : rows)
    out.push_back(boost::json::object{{"check", r.check}, {"result", status_name(r.status)}, {"detail", r.detail}});
  return boost::json::serialize(out);
}

std::string summary(const Rows& rows) {
  const auto count = [&rows](ConformanceRow::Status s) {
    return std::to_string(std::count_if(rows.begin(), rows.end(), [s](const auto& r) { return r.status == s; }));
  };
  return count(ConformanceRow::Status::ok) + " ok, " + count(ConformanceRow::Status::failed) + " failed, " +
         count(ConformanceRow::Status::skipped) + " skipped";
}

}  // namespace

CommandResult cmd_provider_test(CommandContext& ctx) {
  ConformanceRequest request;
  request.path = ctx.arguments[0];
  request.secret = ctx.text("secret");
  request.instance = [&ctx](const std::string& type) { return instance_for(ctx, type); };
  request.env = [](const std::string& name) -> const char* { return std::getenv(name.c_str()); };
  DSO_TRY(const Rows rows, check_conformance(request, ctx.stop));
  const bool failed =
      std::any_of(rows.begin(), rows.end(), [](const auto& r) { return r.status == ConformanceRow::Status::failed; });
  const int code = failed ? 1 : 0;
  if (ctx.globals.json()) return print(as_json(rows)) ? code : 1;
  std::vector<std::vector<std::string>> cells;
  for (const ConformanceRow& r : rows) cells.push_back({r.check, std::string(status_name(r.status)), r.detail});
  if (!print(table({"CHECK", "RESULT", "DETAIL"}, cells))) return 1;
  note(ctx.globals, summary(rows));
  return code;
}

}  // namespace dso::cli
