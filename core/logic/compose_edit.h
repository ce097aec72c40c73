// The migrated copy of a compose file: values become references and labels are added, line by line; every other byte stays. Pure.
// What it cannot be sure of it leaves as it was and says why; the caller has compose check what came out (unexpected_change).
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/secret_bytes.h"
#include "logic/compose_values.h"

namespace dso {

struct RefusedEdit {
  std::string service, variable;  ///< No variable: the label.
  std::size_t line = 0;           ///< From 1; 0: not in this file.
  std::string reason;
};
struct EditedCompose {
  SecretBuffer text;
  std::vector<ExpectedChange> done;
  std::vector<std::string> labelled;  ///< Services that have got dso.reloader.
  std::vector<RefusedEdit> refused;
  std::vector<std::string> interpolated;  ///< Variables that the values were made of which are gone now.
};
/// Services of which at least one change is done get the label, if they are not in `watched`. References are of
/// [A-Za-z0-9._/#:-].
EditedCompose edit_compose(std::string_view text, const std::vector<ExpectedChange>& changes,
                           const std::vector<std::string>& watched);

/// A line that still has, or brings in, what was moved to the store.
struct Leftover {
  std::size_t line = 0;  ///< From 1.
  std::string variable;  ///< Whose value, or the interpolated one.
  bool interpolated = false;
};
/// Lines with one of the values (of at least 6 bytes), comments too, or with $NAME of one of `names`; each variable once a line.
std::vector<Leftover> leftovers(std::string_view text, const std::vector<const SecretField*>& values,
                                const std::vector<std::string>& names);

}  // namespace dso
