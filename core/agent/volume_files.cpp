// One small file a volume, in <state_dir>/volumes and <run_dir>/volumes.
#include "agent/volume_files.h"

#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "base/log.h"
#include "base/path.h"

namespace dso {
namespace {

constexpr std::size_t kMaxBytes = 1 << 20;

Result<void> replace_in(const std::string& folder, const std::string& path, const std::string& text) {
  DSO_CHECK(make_folders(folder, 0700));
  return replace_file(path, text, 0600);
}

}  // namespace

std::string VolumeFiles::record_path(const std::string& volume) const {
  return paths_.state_dir + "/volumes/" + volume_scope_id(volume) + ".json";
}
std::string VolumeFiles::mounts_path(const std::string& volume) const {
  return paths_.run_dir + "/volumes/" + volume_scope_id(volume) + ".json";
}

std::vector<VolumeRecord> VolumeFiles::records() const {
  std::vector<VolumeRecord> out;
  for (const std::string& name : names_in_folder(paths_.state_dir + "/volumes")) {
    if (!name.ends_with(".json")) continue;
    const std::string file = paths_.state_dir + "/volumes/" + name;
    const auto text = read_text_file(file, kMaxBytes);
    auto record = text.has_value() ? parse_volume_record(*text) : Result<VolumeRecord>(text.error());
    if (record.has_value())
      out.push_back(std::move(*record));
    else
      log::warn("Agent", render(record.error()) + " (" + file + ")");
  }
  return out;
}

Result<void> VolumeFiles::save(const VolumeRecord& record) const {
  return replace_in(paths_.state_dir + "/volumes", record_path(record.name), volume_record_json(record));
}

Result<void> VolumeFiles::forget(const std::string& volume) const {
  unlink(mounts_path(volume).c_str());
  if (unlink(record_path(volume).c_str()) != 0 && errno != ENOENT)
    return io_error("Cannot forget the volume '" + volume + "'", errno);
  return {};
}

VolumeMounts VolumeFiles::mounts(const std::string& volume) const {
  const auto text = read_text_file(mounts_path(volume), kMaxBytes);
  return text.has_value() ? parse_volume_mounts(*text) : VolumeMounts{};
}

Result<void> VolumeFiles::save_mounts(const std::string& volume, const VolumeMounts& mounts) const {
  return replace_in(paths_.run_dir + "/volumes", mounts_path(volume), volume_mounts_json(mounts));
}

}  // namespace dso
