// What an agent under systemd said, by journalctl: for `dso logs` where no agent answers, or where older lines are asked for.
#pragma once
#include <string>
#include <vector>

#include "base/result.h"

namespace dso::cli {

/// Systemd runs this host and has a journal that can be read.
bool journal_here();

struct JournalLines {
  std::vector<std::string> lines;  ///< Oldest first.
  std::string cursor;              ///< Where they end; empty: the journal has none.
};
/// The lines of dso-agent.service, 100,000 at most.
Result<JournalLines> journal_lines();

/// Becomes `journalctl --follow` behind the cursor, showing lines that name all of `wanted` alone. Returns only on failure.
Error follow_journal(const std::string& cursor, const std::vector<std::string>& wanted);

}  // namespace dso::cli
