// Look, mount, take over, fill: in this order, each safe to repeat.
#include "agent/mount_watch.h"

#include <sys/stat.h>

#include <utility>

#include "agent/amend_state.h"
#include "base/log.h"
#include "delivery/take_over.h"
#include "delivery/tmpfs_mount.h"
#include "logic/lost_mount.h"

namespace dso {
namespace {

constexpr std::chrono::seconds kRefillBudget{20};

/// `again`: what is mounted in its place, or why nothing is.
void say_lost(const std::string& path, bool covered, const Result<UniqueFd>& again) {
  Error e = make_error(ErrorClass::io, "The tmpfs of secrets at '" + path + "' is gone",
                       covered ? "something else was mounted on top of it" : "it was unmounted");
  if (again.has_error())
    e.cause += ", and there is no other: " + again.error().cause,
        e.next = delivery::mount_cure(path) + ". Tried again at each poll.";
  else
    e.next =
        "It is mounted and filled again; find out what did that (umount -a, a mount unit, a reinstall). Running containers "
        "see new values after their next restart.";
  log::error("Agent", render(e) + " Every running container keeps the files that it has");
}

}  // namespace

MountWatch::MountWatch(TmpfsStore& store, Boot& boot) : store_(store), boot_(boot), path_(store.paths().secrets_dir()) {
  if (auto folder = delivery::open_tmpfs(path_); folder.has_value()) hold(std::move(*folder));
}

void MountWatch::hold(UniqueFd folder) {
  struct stat st {};
  if (fstat(folder.get(), &st) != 0) return;
  folder_ = std::move(folder);
  device_ = st.st_dev;
  inode_ = st.st_ino;
  own_mount_ = delivery::is_mount_point(path_);
}

bool MountWatch::is_there() const {
  struct stat st {};
  return folder_ && stat(path_.c_str(), &st) == 0 && st.st_dev == device_ && st.st_ino == inode_;
}

void MountWatch::look(std::stop_token stop) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return;  // another thread is at it
  if (is_there()) {
    if (std::exchange(lost_, false)) log::info("Agent", "The tmpfs of secrets at '" + path_ + "' is whole again");
    return;
  }
  const bool covered = delivery::is_mount_point(path_);
  auto folder = mounted_anew();
  if (const bool known = std::exchange(lost_, true); !known) say_lost(path_, covered, folder);
  if (folder.has_error()) return;
  incomplete_ = true;  // should memory be refused in the middle
  const UniqueFd lost = std::exchange(folder_, {});
  hold(std::move(*folder));
  if (!lost) return fill(stop);
  const auto without_values = delivery::take_over(lost.get(), store_);
  fill(stop);
  for (const ScopeState& was : without_values)
    (void)amend_state(store_, was.scope.id, [&was](ScopeState& now) { join_marks(was, now); });
}

Result<UniqueFd> MountWatch::mounted_anew() {
  DSO_CHECK(TmpfsStore::open(store_.paths()));
  // A folder below on the tmpfs of /run would do for a start by hand; here the engine would lose sight of it with the next mount.
  if (own_mount_ && !delivery::is_mount_point(path_)) return make_error(ErrorClass::io, "", "this process may not mount one");
  return delivery::open_tmpfs(path_);
}

void MountWatch::fill(const std::stop_token& stop) {
  const bool filled = boot_.refill(kRefillBudget, stop);
  const bool started = boot_.start_refused(stop);
  incomplete_ = !filled || !started;
  lost_ = false;
  if (filled)
    log::info("Agent", "The tmpfs of secrets at '" + path_ + "' is whole again, scopes: " + std::to_string(store_.list().size()));
}

}  // namespace dso
