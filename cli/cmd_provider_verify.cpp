// `dso provider verify`: hashes every provider file anew and compares with providers.lock. Loads nothing.
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "command.h"
#include "provider/provider_install.h"
#include "render.h"

namespace dso::cli {
namespace {

std::string as_json(const std::vector<VerifiedProvider>& providers) {
  boost::json::array out;
  for (const VerifiedProvider& p : providers) {
    boost::json::object one{
        {"name", p.name}, {"version", p.version}, {"file", p.path}, {"sha256", p.sha256}, {"ok", p.problem.empty()}};
    if (!p.signer.empty()) one["signer"] = p.signer;
    if (!p.problem.empty()) one["problem"] = p.problem;
    out.push_back(std::move(one));
  }
  return boost::json::serialize(out);
}

}  // namespace

CommandResult cmd_provider_verify(CommandContext& ctx) {
  ProviderPlaces places;
  places.folder = ctx.paths.provider_dir;
  places.trust.keys = ctx.paths.provider_keys;
  DSO_TRY(const auto providers, verify_providers(places));
  const bool good = std::all_of(providers.begin(), providers.end(), [](const auto& p) { return p.problem.empty(); });
  const int code = good ? 0 : 1;
  if (ctx.globals.json()) return print(as_json(providers)) ? code : 1;
  std::vector<std::vector<std::string>> cells;
  for (const VerifiedProvider& p : providers)
    cells.push_back(
        {p.name, p.version.empty() ? "-" : p.version, p.key.empty() ? "-" : p.key, p.problem.empty() ? "ok" : p.problem});
  if (ctx.globals.quiet && good) return 0;
  std::vector<std::string> headings{"PROVIDER", "VERSION", "SIGNER", "RESULT"};
  if (std::all_of(providers.begin(), providers.end(), [](const auto& p) { return p.key.empty(); }))
    drop_column(headings, cells, 2);
  return print(table(headings, cells)) ? code : 1;
}

}  // namespace dso::cli
