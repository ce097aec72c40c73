// <state dir>/rotation.adopted, an id a line, is written before the key: without a key the next start adopts again.
#include "agent/notes_key.h"

#include <set>
#include <sstream>

#include "base/file.h"
#include "base/log.h"
#include "delivery/rotation_key.h"
#include "logic/docker_json.h"
#include "logic/mounted_scopes.h"
#include "logic/own_labels.h"
#include "logic/rotation_names.h"

namespace dso {
namespace {

constexpr std::size_t kMaxAdopted = 1024 * 1024;

std::string adopted_path(const RunPaths& paths) {
  return paths.state_dir + "/rotation.adopted";
}

/// The service for which DSO made the container, by a label of its own; "": none. Nothing is believed yet, so all labels are
/// looked at.
Result<std::string> made_for(const Engine& engine, const Container& listed, const Deadline& d, const std::stop_token& s) {
  DSO_TRY(const SecretBuffer text, engine.inspect_text(listed.id, d, s));
  DSO_TRY(Container c, parse_container_inspect(view(text)));
  DSO_TRY(const ImageConfig image, engine.inspect_image(c.image_id, d, s));
  c.labels = own_labels(c.labels, image.labels).counting;
  return c.label_or(label::kRole).empty() ? std::string() : c.label_or(label::kService);
}

/// A candidate, or who has the service's name while its predecessor is set aside.
Result<bool> is_under_way(const Engine& engine, const Container& c, const std::string& service, const Deadline& d,
                          const std::stop_token& s) {
  if (service.empty() || (c.name != service && c.name != candidate_name(service))) return false;
  if (c.name != service) return true;
  const auto old = engine.inspect(old_name(service), d, s);
  if (old.has_error() && !engine.passes_over(old.error())) return old.error();
  return old.has_value() && old->name == old_name(service);
}

Result<std::string> to_adopt(const Engine& engine, const RunPaths& paths, const Deadline& d, const std::stop_token& s) {
  DSO_TRY(const auto listed, engine.list({{"label", {label::kRole}}}, d, s));
  std::string ids;
  for (const Container& c : listed) {
    if (mounted_scopes(c, paths.secrets_dir()).empty()) continue;
    const auto service = made_for(engine, c, d, s);
    if (service.has_error() && !engine.passes_over(service.error())) return service.error();
    if (service.has_error()) continue;
    DSO_TRY(const bool adopt, is_under_way(engine, c, *service, d, s));
    if (!adopt) continue;
    ids += c.id + "\n";
    log::info("Reloader", "'" + c.name + "' is of a rolling update that an earlier version began: its notes are believed");
  }
  return ids;
}

std::set<std::string> adopted(const RunPaths& paths) {
  std::set<std::string> out;
  const auto text = read_text_file(adopted_path(paths), kMaxAdopted);
  std::istringstream lines(text.has_value() ? *text : std::string());
  for (std::string id; std::getline(lines, id);) out.insert(id);
  return out;
}

}  // namespace

Result<void> trust_notes(const Engine& engine, const RunPaths& paths, const Deadline& deadline, std::stop_token stop) {
  if (engine.knows_notes()) return {};
  if (is_of_a_version_without_key(paths.state_dir)) {
    DSO_TRY(const std::string ids, to_adopt(engine, paths, deadline, stop));
    if (!ids.empty()) DSO_CHECK(replace_file(adopted_path(paths), ids, 0600));
  }
  DSO_CHECK(make_rotation_key(paths.state_dir));
  DSO_TRY(SecretBytes key, rotation_key(paths.state_dir));
  engine.believe_notes(std::move(key), adopted(paths));
  return {};
}

}  // namespace dso
