// Key by key against the image.
#include "logic/own_labels.h"

#include <algorithm>

#include "logic/rotation_notes.h"

namespace dso {
namespace {

/// Of the container's whole config, so an image that Compose has built does not carry it.
constexpr const char* kComposeHash = "com.docker.compose.config-hash";

using Labels = std::map<std::string, std::string>;

bool is_own(const Labels& merged, const Labels& image, const std::string& key) {
  const auto mine = merged.find(key), theirs = image.find(key);
  return mine != merged.end() && (theirs == image.end() || theirs->second != mine->second);
}

bool is_compose_name(const std::string& key) {
  return key == label::kComposeProject || key == label::kComposeService;
}

}  // namespace

OwnLabels own_labels(const Labels& merged, const Labels& image) {
  const bool by_compose = is_own(merged, image, kComposeHash), by_us = is_own(merged, image, label::kNotesMac);
  OwnLabels out;
  for (const auto& [key, value] : merged) {
    const bool vouched = is_compose_name(key) ? by_compose : is_rotation_note(key) && by_us;
    if (vouched || is_own(merged, image, key))
      out.counting.emplace(key, value);
    else
      out.of_image.push_back(key);
  }
  return out;
}

bool is_acted_on(const std::string& key) {
  return key.starts_with("dso.") || is_compose_name(key);
}

std::string labels_that_do_not_count(const Container& container) {
  std::string names;
  std::size_t count = 0;
  for (const std::string& key : container.image_labels) {
    if (!key.starts_with("dso.") || is_rotation_note(key)) continue;
    names += (names.empty() ? "" : ", ") + key;
    ++count;
  }
  if (count == 0) return {};
  const bool one = count == 1;
  return std::string(one ? "its label " : "its labels ") + names + (one ? " does" : " do") + " not count: " +
         (!container.image_known ? "its image cannot be looked at"
          : one                  ? "its image carries it too"
                                 : "its image carries them too");
}

std::string label_cure(const Container& container) {
  if (!container.image_known) return "Create it anew from an image that is on this host.";
  return "Take them out of the image (LABEL in its Dockerfile; `docker commit` copies a container's), and give them to the "
         "container itself.";
}

bool is_of_image(const Container& container, const std::string& key) {
  const auto& keys = container.image_labels;
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

}  // namespace dso
