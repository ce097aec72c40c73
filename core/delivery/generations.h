// One mounted folder and its generations, laid out as Kubernetes does it:
//     ..g-<hex>/password      a generation, whole before anybody is led to it
//     ..data -> ..g-<hex>     the one link that is renamed: all files of the folder change together
//     password -> ..data/password
// Knows nothing of scopes, states or secrets; the caller holds the scope's lock.
#pragma once
#include <chrono>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace dso::delivery {

struct FileContent {
  std::string name;
  std::string_view content;
  mode_t mode = 0400;
  FileOwner owner;
};
struct FolderContent {
  std::string name;  ///< The folder's, within the scope.
  std::vector<FileContent> files;
  std::vector<std::string> mount_points;  ///< Relative folders at which other folders will be mounted inside this one.
};

/// A name for the next generation.
std::string new_generation();

/// Writes a generation beside what is there: nobody sees it yet. A folder that is not there is built whole under another name,
/// so that no container can be started with an empty one.
Result<void> prepare(int scope, const FolderContent& content, const std::string& generation);
/// Writes a generation again that a sweep has taken out of its folder, where it is not there: whole under its name, or not at
/// all.
Result<void> prepare_again(int scope, const FolderContent& content, const std::string& generation);
/// Switches to what was prepared.
Result<void> publish(int scope, const FolderContent& content, const std::string& generation);

bool has_generation(int folder, const std::string& generation);
/// The one that readers see; empty: none.
std::string current_generation(int folder);
/// Back or forth to a generation that is there.
Result<void> switch_to(int folder, const std::string& generation);
/// The names that readers open: one link for each file of the generation, none for others.
Result<void> link_names(int folder, const std::string& generation);
/// Gives up every generation but the current and those of `keep`: marked now, removed by a sweep kForReaders later or more, when
/// no reader can be on its way into one any more. `never_shown`: one that no reader was ever led to, removed at once.
Result<void> sweep_generations(int folder, const std::set<std::string>& keep, const std::string& never_shown);

/// A walk that has read the link before the switch enters the generation a moment later, on a busy machine a long moment.
inline constexpr std::chrono::milliseconds kForReaders{750};

}  // namespace dso::delivery
