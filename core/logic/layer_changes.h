// What a container has written into its own layer, as the engine tells it, and what of that would be missed if another container
// took its place. The rule is written down in docs/rotation.md. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/container.h"

namespace dso {

/// What Compose has copied in before the first start, by the label dso.copied: a successor gets a copy. Not what lies on a mount.
std::vector<std::string> copied_files(const Container& container);

struct LayerChange {
  enum class Kind { changed = 0, added = 1, removed = 2 };  ///< The engine's numbers.
  std::string path;
  Kind kind = Kind::changed;
};
/// The answer to /containers/<id>/changes.
Result<std::vector<LayerChange>> parse_layer_changes(std::string_view json);

/// Those that count by their paths alone: no folders of others in the list, no mount points, nothing that a successor gets a copy
/// of, or that is made anew by every start (tmp, run, logs, caches) or by the engine.
std::vector<LayerChange> noteworthy_changes(const std::vector<LayerChange>& changes, const Container& container);

/// What lies at a path now.
struct LayerEntry {
  bool folder = false;
  std::int64_t changed_at_ms = 0;
};
/// The answer's header X-Docker-Container-Path-Stat.
Result<LayerEntry> parse_layer_entry(std::string_view header);

/// Whether a noteworthy change is one of substance: no empty folder, no configuration that the container's start has written.
bool is_of_substance(const LayerChange& change, const LayerEntry& entry, const Container& container);

/// "'/app/db.sqlite' and 2 more"; "" for none.
std::string changes_text(const std::vector<LayerChange>& changes);

}  // namespace dso
