// Whose words a container's labels are. The engine merges the image's into them, so whoever builds an image would speak for
// whoever runs it. A label counts only if the image does not carry the same key with the same value. Pure.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "model/container.h"

namespace dso {

struct OwnLabels {
  std::map<std::string, std::string> counting;
  std::vector<std::string> of_image;  ///< Keys that do not count, in order.
};

/// `merged`: as the engine shows them. Two exceptions, both by a label that is of this one container:
/// - Compose writes the names of project and service into the images that it builds, too. They count where its hash of the
///   container's config does.
/// - What DSO notes about a rotation (logic/rotation_notes.h) counts as a whole where the MAC does. Whether the MAC is right is
///   not looked at here.
OwnLabels own_labels(const std::map<std::string, std::string>& merged, const std::map<std::string, std::string>& image);

/// DSO does something by it, or may be asked to: "dso.…", and Compose's names.
bool is_acted_on(const std::string& key);

/// "its labels dso.secrets, dso.reloader do not count: its image carries them too"; "" where all of DSO's labels count.
std::string labels_that_do_not_count(const Container& container);
/// What to do about it.
std::string label_cure(const Container& container);
/// This one does not.
bool is_of_image(const Container& container, const std::string& key);

}  // namespace dso
