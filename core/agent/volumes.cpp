// The order that keeps a volume whole: a mount is counted before its files are made and uncounted after they failed; files go
// only when nobody has it by the counts, the engine says that no container uses it, and neither changed meanwhile.
#include "agent/volumes.h"

#include <ctime>
#include <utility>

#include "agent/deliver.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory_refused.h"
#include "base/metrics.h"
#include "delivery/readonly_view.h"
#include "logic/refused_starts.h"
#include "logic/text.h"

namespace dso {
namespace {

/// Within the two minutes that the engine gives a mount.
constexpr std::chrono::seconds kFillDeadline{60};
constexpr std::chrono::seconds kEngineDeadlineOfVolume{10};
/// A container that stops is still "running" to the engine while it unmounts: asked again soon, then now and then.
constexpr std::chrono::seconds kAskAgain{1}, kSweepInterval{60};

Error no_volume(const std::string& name) {
  return make_error(ErrorClass::not_found, "There is no volume '" + printable(name) + "'", "it was not made, or was removed");
}

std::string now_rfc3339() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  (void)std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

}  // namespace

Volumes::Volumes(Sources& sources, TmpfsStore& store, const Engine& engine)
    : sources_(sources), store_(store), engine_(engine), files_(store.paths()) {
  for (VolumeRecord& record : files_.records()) {
    Volume volume;
    volume.mounts = files_.mounts(record.name);
    volume.record = std::move(record);
    std::string name = volume.record.name;
    volumes_.emplace(std::move(name), std::move(volume));
  }
  sweeper_ = std::jthread([this](const std::stop_token& stop) { sweep_when_asked(stop); });
}

Volumes::~Volumes() = default;

Result<void> Volumes::create(const std::string& name, const VolumeOptions& options) {
  if (name.empty()) return make_error(ErrorClass::usage, "Cannot make a volume", "it has no name");
  DSO_CHECK(volume_scope(name, options, sources_.config()));
  const std::lock_guard lock(mutex_);
  if (auto it = volumes_.find(name); it != volumes_.end()) {
    if (it->second.record.options == options) return {};
    return make_error(ErrorClass::config, "Cannot make the volume '" + printable(name) + "'",
                      "there is one of that name with other options",
                      "Remove it first: docker volume rm " + printable(name) + ".");
  }
  Volume volume;
  volume.record = {name, options, now_rfc3339()};
  DSO_CHECK(files_.save(volume.record));
  volumes_.emplace(name, std::move(volume));
  return {};
}

Result<void> Volumes::remove(const std::string& name, const std::stop_token& stop) {
  std::shared_ptr<std::mutex> filling;
  {
    const std::lock_guard lock(mutex_);
    auto it = volumes_.find(name);
    if (it == volumes_.end()) return {};  // the engine forgets it then, too
    filling = it->second.filling;
  }
  // The engine refuses by itself to remove what a container has; the counts alone may be left over.
  DSO_TRY(const bool used, engine_uses(name, stop));
  if (used)
    return make_error(ErrorClass::invalid_request, "Cannot remove the volume '" + name + "'", "a running container uses it",
                      "Stop the container first.");
  const std::lock_guard one(*filling);
  DSO_CHECK(wipe(name));
  DSO_CHECK(files_.forget(name));
  const std::lock_guard lock(mutex_);
  volumes_.erase(name);
  return {};
}

Result<std::string> Volumes::mount(const std::string& name, const std::string& id, const std::stop_token& stop) {
  Volume volume;
  bool mounted_already = false;
  {
    const std::lock_guard lock(mutex_);
    auto it = volumes_.find(name);
    if (it == volumes_.end()) return no_volume(name);
    VolumeMounts counted = it->second.mounts;
    mounted_already = counted.mounted();
    counted.mount(id, boot_ms());
    DSO_CHECK(files_.save_mounts(name, counted));
    it->second.mounts = std::move(counted);
    volume = it->second;
  }
  Result<std::string> folder = [&] {
    const std::lock_guard one(*volume.filling);
    return fill(volume, mounted_already, stop);
  }();
  if (folder.has_error()) (void)unmount(name, id);  // the engine does not unmount what was not mounted
  const std::lock_guard lock(mutex_);
  if (folder.has_error())
    refused_.insert(name);
  else
    refused_.erase(name);
  return folder;
}

Result<std::string> Volumes::fill(const Volume& volume, bool mounted_already, const std::stop_token& stop) {
  const std::string& name = volume.record.name;
  // Anew with each mount: the config may say something else by now.
  DSO_TRY(const Scope scope, volume_scope(name, volume.record.options, sources_.config()));
  auto there = store_.read(scope.id);
  const bool whole = there.has_value() && !there->delivered.empty();
  if (!whole || !mounted_already) {
    // What is there is joined: the watcher brings the newest value, and tells those who have it (a restart is in the middle now).
    const auto delivered =
        deliver_scope(scope, sources_, store_, Deadline::in(kFillDeadline), stop, whole ? scope.id : std::string());
    if (delivered.has_error() && !whole) return delivered.error();
    if (delivered.has_error()) {
      metrics::add(metrics::Metric::stale_reads);
      log::warn("Agent",
                render(delivered.error()) + " Volume '" + name + "' is mounted with the last good secret, which may be stale");
    }
  }
  DSO_CHECK(delivery::make_view(store_.paths().secrets_dir(), scope.id, files_of(name)));
  return mountpoint_of(name);
}

std::string Volumes::files_of(const std::string& name) const {
  DeliveryPlan plan;
  plan.files.push_back({"/run/secrets", "", {}, {}, {}, 0400});
  return store_.mounts(volume_scope_id(name), plan).at(0).host_path;
}

std::string Volumes::mountpoint_of(const std::string& name) const {
  return delivery::view_path(store_.paths().secrets_dir(), volume_scope_id(name), files_of(name));
}

Result<void> Volumes::unmount(const std::string& name, const std::string& id) {
  const std::lock_guard lock(mutex_);
  auto it = volumes_.find(name);
  if (it == volumes_.end()) return {};  // nothing of it is left to take away
  it->second.mounts.unmount(id, boot_ms());
  if (auto saved = files_.save_mounts(name, it->second.mounts); saved.has_error()) log::warn("Agent", render(saved.error()));
  if (!it->second.mounts.mounted()) {
    sweep_asked_ = true;
    asked_.notify_all();
  }
  return {};
}

Result<PluginVolume> Volumes::get(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  auto it = volumes_.find(name);
  if (it == volumes_.end()) return no_volume(name);
  return shown(it->second);
}

std::vector<PluginVolume> Volumes::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<PluginVolume> out;
  for (const auto& [name, volume] : volumes_) out.push_back(shown(volume));
  return out;
}

PluginVolume Volumes::shown(const Volume& volume) const {
  // Mounted or not: the engine keeps what it heard first.
  return {volume.record.name, mountpoint_of(volume.record.name), volume.record.created_at};
}

bool Volumes::filled(const std::string& name) const {
  const std::string id = volume_scope_id(name);
  const auto there = store_.read(id);
  if (there.has_value() || there.error().cls != ErrorClass::not_found) return true;
  for (const Scope& scope : store_.known_scopes())  // after a reboot: remembered, with nothing on tmpfs
    if (scope.id == id) return true;
  return false;
}

Result<void> Volumes::wipe(const std::string& name) {
  const std::string id = volume_scope_id(name);
  DSO_TRY(const UniqueFd lock, store_.lock(id));
  delivery::remove_view(store_.paths().secrets_dir(), id);
  return store_.remove(id);
}

Result<bool> Volumes::engine_uses(const std::string& name, const std::stop_token& stop) const {
  // The list alone: it is a snapshot, while an inspect would wait for the very container whose unmount waits for us.
  DSO_TRY(const auto users, engine_.list_all({{"volume", {name}}, {"status", {"running", "paused", "restarting"}}},
                                             Deadline::in(kEngineDeadlineOfVolume), stop));
  return !users.empty();
}

Volumes::Swept Volumes::sweep(const std::string& name, const std::stop_token& stop) {
  VolumeMounts before;
  std::shared_ptr<std::mutex> filling;
  {
    const std::lock_guard lock(mutex_);
    auto it = volumes_.find(name);
    if (it == volumes_.end()) return Swept::kept;
    const VolumeSweep due = sweep_of(it->second.mounts, boot_ms());
    if (due != VolumeSweep::ask_engine) return due == VolumeSweep::soon ? Swept::soon : Swept::kept;
    before = it->second.mounts;
    filling = it->second.filling;
  }
  if (!filled(name)) return Swept::kept;
  const auto used = engine_uses(name, stop);
  if (used.has_error()) return Swept::later;
  if (*used) return before.mounted() ? Swept::kept : Swept::later;
  const std::lock_guard one(*filling);
  {
    const std::lock_guard lock(mutex_);
    auto it = volumes_.find(name);
    if (it == volumes_.end() || it->second.mounts.counts != before.counts || it->second.mounts.last_ms != before.last_ms)
      return Swept::later;  // mounted meanwhile
    it->second.mounts.counts.clear();
    (void)files_.save_mounts(name, it->second.mounts);
  }
  if (auto wiped = wipe(name); wiped.has_error()) {
    log::warn("Agent", render(wiped.error()) + " Trying again");
    return Swept::later;
  }
  log::info("Agent", "Wiped the secrets of the volume '" + name + "': no container uses it");
  return Swept::wiped;
}

bool Volumes::can_be_had(const std::string& name, const std::stop_token& stop) {
  VolumeRecord record;
  {
    const std::lock_guard lock(mutex_);
    auto it = volumes_.find(name);
    if (it == volumes_.end()) return false;
    record = it->second.record;
  }
  const auto scope = volume_scope(name, record.options, sources_.config());
  return scope.has_value() && fetch_scope(*scope, sources_, {}, "", {}, Deadline::in(kFillDeadline), stop).has_value();
}

/// After a reboot with the store down: the engine gave up on them, and does not try again by itself. True: some still wait.
bool Volumes::start_refused(const std::stop_token& stop) {
  std::set<std::string> names;
  {
    const std::lock_guard lock(mutex_);
    names = std::exchange(refused_, {});
  }
  for (const std::string& name : names) {
    const auto waiting = refused_containers(name, stop);
    if (waiting.has_value() && waiting->empty()) continue;
    if (waiting.has_error() || !can_be_had(name, stop)) {
      const std::lock_guard lock(mutex_);
      refused_.insert(name);
      continue;
    }
    for (const Container& c : *waiting)
      if (engine_.start(c.id, Deadline::in(kFillDeadline), stop).has_value())
        log::info("Agent", "Started '" + c.name + "': its secrets are back");
  }
  const std::lock_guard lock(mutex_);
  return !refused_.empty();
}

Result<std::vector<Container>> Volumes::refused_containers(const std::string& name, const std::stop_token& stop) const {
  const Deadline deadline = Deadline::in(kEngineDeadlineOfVolume);
  DSO_TRY(const auto stopped, engine_.list({{"volume", {name}}, {"status", {"exited"}}}, deadline, stop));
  std::vector<Container> out;
  for (const Container& summary : stopped) {
    auto whole = engine_.inspect(summary.id, deadline, stop);
    if (whole.has_value() && refused_for_its_volume(*whole)) out.push_back(std::move(*whole));
  }
  return out;
}

void Volumes::sweep_when_asked(const std::stop_token& stop) {
  auto wait = std::chrono::milliseconds(0);
  while (!stop.stop_requested()) {
    std::vector<std::string> names;
    {
      std::unique_lock lock(mutex_);
      asked_.wait_for(lock, stop, wait, [this] { return sweep_asked_; });
      if (stop.stop_requested()) return;
      if (std::exchange(sweep_asked_, false)) {
        wait = {};
        // `docker run` mounts and unmounts when it makes the container, and mounts again when it starts it.
        asked_.wait_for(lock, stop, kAskAgain, [] { return false; });
      }
      for (const auto& [name, volume] : volumes_) names.push_back(name);
    }
    bool again = false;
    const bool done = unless_memory_is_refused("Agent", "A look at the volumes", [&] {
      for (const std::string& name : names) {
        const Swept swept = sweep(name, stop);
        again = swept == Swept::later || swept == Swept::soon || again;
        if (swept == Swept::soon) wait = {};  // asked again at the same pace
      }
      again = start_refused(stop) || again;
    });
    again = again || !done;
    if (stop.stop_requested()) return;
    wait = again ? std::min<std::chrono::milliseconds>(std::max<std::chrono::milliseconds>(wait * 2, kAskAgain), kSweepInterval)
                 : std::chrono::milliseconds(kSweepInterval);
  }
}

}  // namespace dso
