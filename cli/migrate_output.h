// What `dso migrate` says: every decision with its reason, and what is left for the reader to do. Never a value.
#pragma once
#include <string>
#include <vector>

#include "command.h"
#include "logic/compose_edit.h"
#include "logic/migrate_plan.h"
#include "vault/store_batch.h"

namespace dso::cli {

struct MigrateReport {
  std::string file, output;  ///< "-": stdout.
  bool dry_run = false;
  std::vector<VariableDecision> decisions;
  std::vector<RefusedEdit> refused;
  std::vector<std::pair<std::string, std::string>> build_arguments;  ///< Service and name: those that look like secrets.
  std::vector<Leftover> leftovers;
  std::vector<StoredChange> stored;  ///< Empty in a rehearsal.
};

/// On stdout, but on stderr where the new file goes to stdout. False: it is closed.
bool show_migration(const Globals& globals, const MigrateReport& report);

}  // namespace dso::cli
