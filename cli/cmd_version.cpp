// `dso version`: what this binary is, which providers it finds, and (as JSON) which libraries are linked into it.
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "build_info.h"
#include "command.h"
#include "dso/provider.h"
#include "linked_libraries.h"
#include "provider/provider_source.h"
#include "render.h"

namespace dso::cli {

CommandResult cmd_version(CommandContext& ctx) {
  ProviderHostOptions options;
  options.provider_dir = ctx.paths.provider_dir;
  options.provider_keys = ctx.paths.provider_keys;
  const auto providers = list_providers(options);
  const std::string abi = std::to_string(DSO_ABI_MAJOR) + "." + std::to_string(DSO_ABI_MINOR);
  if (ctx.globals.json()) {
    boost::json::array list;
    for (const ProviderInfo& p : providers) {
      boost::json::object one{{"type", p.type}, {"version", p.semver}, {"abi", p.abi}, {"file", p.file}, {"sha256", p.sha256}};
      if (!p.problem.empty()) one["problem"] = p.problem;
      list.push_back(std::move(one));
    }
    boost::json::array libraries;
    for (const LinkedLibrary& l : linked_libraries())
      libraries.push_back({{"name", l.name}, {"version", l.version}, {"linked", l.linked}, {"in", l.in}, {"package", l.package}});
    print(boost::json::serialize(boost::json::value{{"version", kVersion},
                                                    {"build", kBuildHash},
                                                    {"provider_abi", abi},
                                                    {"providers", list},
                                                    {"libraries", std::move(libraries)}}));
    return 0;
  }
  print(std::string("dso version ") + kVersion + ", build " + kBuildHash + ", provider ABI " + abi);
  std::vector<std::vector<std::string>> rows{{"local", kVersion, "-", "built in"}};
  for (const ProviderInfo& p : providers)
    rows.push_back({p.type, p.problem.empty() ? p.semver : "unusable: " + p.problem, p.sha256.substr(0, 12), p.file});
  print(table({"PROVIDER", "VERSION", "SHA-256", "FILE"}, rows));
  return 0;
}

}  // namespace dso::cli
