// Which labels of a container count: what the engine shows, without what is the image's, and without notes that are not ours. All
// containers that leave the engine's client with labels have passed here.
#include "base/log.h"
#include "docker/engine.h"
#include "docker/engine_memory.h"
#include "logic/own_labels.h"
#include "logic/rotation_notes.h"

namespace dso {
namespace {

constexpr std::size_t kMostImages = 2000, kMostBytes = 16 * 1024 * 1024, kMostOfOne = 1024 * 1024;
/// An image that is gone may be pulled again.
constexpr std::chrono::seconds kGoneImageAgain{10};

std::size_t size_of(const ImageLabels::Labels& labels) {
  std::size_t bytes = 200;
  if (labels)
    for (const auto& [key, value] : *labels) bytes += key.size() + value.size() + 100;
  return bytes;
}

}  // namespace

std::optional<ImageLabels::Labels> ImageLabels::find(const std::string& image_id) {
  const std::lock_guard lock(mutex_);
  const auto it = kept_.find(image_id);
  if (it == kept_.end()) return std::nullopt;
  if (!it->second.labels && std::chrono::steady_clock::now() - it->second.since > kGoneImageAgain) return std::nullopt;
  return it->second.labels;
}

void ImageLabels::keep(const std::string& image_id, Labels labels) {
  const std::size_t bytes = size_of(labels);
  const std::lock_guard lock(mutex_);
  if (kept_.size() >= kMostImages || bytes_ + bytes > kMostBytes) {
    kept_.clear();
    bytes_ = 0;
  }
  bytes_ += bytes;
  kept_.insert_or_assign(image_id, Kept{std::move(labels), std::chrono::steady_clock::now()});
}

Result<std::shared_ptr<const std::map<std::string, std::string>>> Engine::labels_of_image(const std::string& image_id,
                                                                                          const Deadline& d,
                                                                                          const std::stop_token& s) const {
  if (auto known = memory_->images.find(image_id)) return std::move(*known);
  auto image = inspect_image(image_id, d, s);
  if (image.has_error() && image.error().cls != ErrorClass::not_found) return image.error();
  ImageLabels::Labels labels;
  if (image.has_value()) labels = std::make_shared<const std::map<std::string, std::string>>(std::move(image->labels));
  if (size_of(labels) > kMostOfOne) labels = nullptr;
  memory_->images.keep(image_id, labels);
  return labels;
}

Result<void> Engine::judge_labels(Container& c, const Deadline& d, const std::stop_token& s) const {
  if (c.labels.empty()) return {};
  if (!c.image_id.empty()) {  // made of a folder (Podman's --rootfs): nobody else has put a label on it
    DSO_TRY(const ImageLabels::Labels image, labels_of_image(c.image_id, d, s));
    if (!image) {
      drop_labels(c, "its image is not there any more, or has labels of more than 1 MiB");
      return {};
    }
    OwnLabels own = own_labels(c.labels, *image);
    c.labels = std::move(own.counting);
    c.image_labels = std::move(own.of_image);
  }
  const auto trust = memory_->trust();
  const bool ours = trust && (notes_are_ours(trust->key.reveal(), c.labels) || trust->adopted.contains(c.id));
  if (!ours) forget_notes(c.labels);
  return {};
}

void Engine::drop_labels(Container& c, const std::string& why) const {
  bool acted_on = false;
  c.image_known = false;
  for (const auto& [key, value] : std::exchange(c.labels, {})) {
    acted_on = acted_on || is_acted_on(key);
    c.image_labels.push_back(key);
  }
  if (acted_on && memory_->said.first("labels of " + c.id))
    log::warn("Agent", "No label of container '" + c.name + "' counts: " + why + ". Create it anew");
}

void Engine::believe_notes(SecretBytes key, std::set<std::string> adopted) const {
  memory_->set_trust(std::make_shared<const NotesTrust>(NotesTrust{std::move(key), std::move(adopted)}));
}

bool Engine::knows_notes() const {
  return memory_->trust() != nullptr;
}

std::string Engine::mac_of_notes(const std::map<std::string, std::string>& labels) const {
  const auto trust = memory_->trust();
  return trust ? notes_mac(trust->key.reveal(), labels) : std::string();
}

}  // namespace dso
