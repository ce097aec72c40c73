// `dso provider list`: which providers lie in the provider folder, loaded once for their version, and whether they may be used.
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "command.h"
#include "provider/provider_file.h"
#include "provider/provider_source.h"
#include "render.h"

namespace dso::cli {
namespace {

struct ProviderRow {
  ProviderInfo info;
  std::string locked;  ///< The version that providers.lock has, if any.
  std::string signer;  ///< The fingerprint of the key that it has, if any.
  std::string key;     ///< The same as signer_text says it.
};

/// What lies there, and what is listed but gone.
std::vector<ProviderRow> rows_of(const Paths& paths) {
  ProviderHostOptions options;
  options.provider_dir = paths.provider_dir;
  options.provider_keys = paths.provider_keys;
  ProviderTrust trust;
  trust.keys = paths.provider_keys;
  std::vector<ProviderRow> rows;
  for (ProviderInfo& info : list_providers(options)) rows.push_back({std::move(info), {}, {}, {}});
  const auto opened = open_provider_folder(paths.provider_dir, trust);
  if (opened.has_error() || !opened->lock) return rows;
  for (const LockedProvider& locked : opened->lock->providers()) {
    auto row = rows.begin();
    while (row != rows.end() && row->info.type < locked.name) ++row;
    if (row == rows.end() || row->info.type != locked.name) {
      ProviderRow gone;
      gone.info.type = locked.name;
      gone.info.file = opened->path_of(locked.name);
      gone.info.problem = "its file is gone. Install it again, or: dso provider remove " + locked.name + ".";
      row = rows.insert(row, std::move(gone));
    }
    row->locked = locked.version;
    row->signer = locked.signer;
    row->key = signer_text(opened->keys, locked.signer);
  }
  return rows;
}

std::string as_json(const std::vector<ProviderRow>& rows) {
  boost::json::array out;
  for (const ProviderRow& r : rows) {
    boost::json::object one{{"name", r.info.type}, {"version", r.info.semver}, {"abi", r.info.abi},
                            {"file", r.info.file}, {"sha256", r.info.sha256},  {"locked", !r.locked.empty()}};
    if (!r.signer.empty()) one["signer"] = r.signer;
    if (!r.info.problem.empty()) one["problem"] = r.info.problem;
    out.push_back(std::move(one));
  }
  return boost::json::serialize(out);
}

}  // namespace

CommandResult cmd_provider_list(CommandContext& ctx) {
  const std::vector<ProviderRow> rows = rows_of(ctx.paths);
  if (ctx.globals.json()) return print(as_json(rows)) ? 0 : 1;
  if (rows.empty()) {
    note(ctx.globals, "there is no provider in " + ctx.paths.provider_dir);
    return 0;
  }
  std::vector<std::vector<std::string>> cells;
  for (const ProviderRow& r : rows) {
    const std::string status = !r.info.problem.empty() ? "unusable: " + r.info.problem
                               : r.locked.empty()      ? "ok, not in providers.lock"
                                                       : "ok";
    cells.push_back({r.info.type, r.info.semver.empty() ? (r.locked.empty() ? "-" : r.locked) : r.info.semver,
                     r.info.abi.empty() ? "-" : r.info.abi, r.info.sha256.empty() ? "-" : r.info.sha256.substr(0, 12),
                     r.key.empty() ? "-" : r.key, status});
  }
  std::vector<std::string> headings{"PROVIDER", "VERSION", "ABI", "SHA-256", "SIGNER", "STATUS"};
  if (std::all_of(rows.begin(), rows.end(), [](const ProviderRow& r) { return r.key.empty(); })) drop_column(headings, cells, 4);
  return print(table(headings, cells)) ? 0 : 1;
}

}  // namespace dso::cli
