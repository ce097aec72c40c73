// A first-fit allocator over locked slabs, two sets of them: what is large lives briefly (a store's whole text, an answer being
// read), and one value that stays would keep a slab of it from being given back. The bookkeeping lies in ordinary memory.
#include "base/secret_memory.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "base/locked_memory.h"
#include "base/log.h"

#if __has_include(<sanitizer/asan_interface.h>)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

namespace dso {
namespace {

/// A slab is as large as all before it together, within these: each page of memfd_secret that comes or goes costs the kernel a
/// flush of every processor's TLB, so mappings are few and kept; only pages that were used take memory.
constexpr std::size_t kSmallestSlab = 64 * 1024, kLargestSlab = 256 * 1024;
/// From here on an allocation is a large one.
constexpr std::size_t kLarge = 2 * 1024;
/// Of slabs of a set that hold nothing any more, so much is kept for the next value.
constexpr std::size_t kSpareBytes = 256 * 1024;
constexpr std::size_t kAlign = 16, kPage = 4096;

std::size_t round_up(std::size_t n, std::size_t to) {
  return (n + to - 1) / to * to;
}

constexpr const char* kRefused =
    "no more memory can be locked for secrets, and agent.memory.locked is required: raise LimitMEMLOCK= (systemctl edit "
    "dso-agent; ulimit -l), "
    "or deliver fewer or smaller secrets";

/// What is to be said of a piece of memory, once no lock is held: whoever follows the log may hold values too.
struct Unlocked {
  std::size_t bytes = 0;
  int error = 0;
};

/// Once a minute is enough for what is refused again and again.
void tell_refused() {
  static std::mutex* const mutex = new std::mutex;
  static std::chrono::steady_clock::time_point next{};
  const auto now = std::chrono::steady_clock::now();
  {
    const std::lock_guard lock(*mutex);
    if (now < next) return;
    next = now + std::chrono::minutes(1);
  }
  log::error("Agent", "A request was refused: " + std::string(kRefused));
}

void tell_unlocked(const Unlocked& piece) {
  rlimit limit{};
  const bool known = getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
  log::warn("Agent", std::to_string(piece.bytes / 1024) + " KiB of secret memory could not be locked and may be swapped (" +
                         std::string(std::strerror(piece.error)) +
                         (known ? "; " + std::to_string(limit.rlim_cur / 1024) + " KiB may be locked" : "") +
                         "). Raise the limit (ulimit -l, LimitMEMLOCK=), or refuse such memory: agent.memory.locked: required");
}

struct Slab {
  char* base = nullptr;
  bool locked = true;
  std::size_t size = 0;
  std::size_t used = 0;
  std::map<std::size_t, std::size_t> free;  // offset -> length
};

std::atomic<bool> must_be_locked = false;

class Slabs {
 public:
  void* allocate(std::size_t bytes) {
    const std::size_t n = round_up(std::max<std::size_t>(bytes, 1), kAlign);
    std::optional<Unlocked> unlocked;
    void* const p = find(n, unlocked);
    if (!p) {
      tell_refused();
      throw SecretMemoryRefused();
    }
    if (unlocked) tell_unlocked(*unlocked);
    // AddressSanitizer, where it is built in, sees what reads past a value, as it does with ordinary memory
    ASAN_UNPOISON_MEMORY_REGION(p, bytes);
    return p;
  }

  void deallocate(void* p, std::size_t bytes) noexcept {
    if (!p) return;
    const std::size_t n = round_up(std::max<std::size_t>(bytes, 1), kAlign);
    ASAN_UNPOISON_MEMORY_REGION(p, n);
    explicit_bzero(p, n);
    ASAN_POISON_MEMORY_REGION(p, n);
    std::lock_guard lock(mutex_);
    auto slab = std::find_if(slabs_.begin(), slabs_.end(), [p](const Slab& s) { return p >= s.base && p < s.base + s.size; });
    if (slab == slabs_.end()) return;
    give_back(*slab, static_cast<std::size_t>(static_cast<char*>(p) - slab->base), n);
    in_use_ -= n;
    if (slab->used == 0 && spare() > kSpareBytes) {
      ASAN_UNPOISON_MEMORY_REGION(slab->base, slab->size);  // whoever is given these addresses next
      munmap(slab->base, slab->size);
      mapped_ -= slab->size;
      if (!slab->locked) unlocked_ -= slab->size;
      slabs_.erase(slab);
    }
  }

  std::size_t unlocked() {
    const std::lock_guard lock(mutex_);
    return unlocked_;
  }

  SecretMemoryStatus status() {
    std::lock_guard lock(mutex_);
    return {memfd_secret_, unlocked_ == 0, in_use_, mapped_, mappings_made_};
  }

 private:
  /// Null: none that is locked is to be had, and it must be.
  void* find(std::size_t n, std::optional<Unlocked>& unlocked) {
    const std::lock_guard lock(mutex_);
    for (Slab& slab : slabs_)
      if (void* const p = take(slab, n)) return p;
    auto made = map_slab(n, unlocked);
    if (!made) return nullptr;
    slabs_.push_back(std::move(*made));
    return take(slabs_.back(), n);
  }

  /// Slabs are few: they are counted when one empties, not kept in step.
  std::size_t spare() const {
    std::size_t bytes = 0;
    for (const Slab& s : slabs_)
      if (s.used == 0) bytes += s.size;
    return bytes;
  }

  void* take(Slab& slab, std::size_t n) {
    for (auto it = slab.free.begin(); it != slab.free.end(); ++it) {
      if (it->second < n) continue;
      const std::size_t at = it->first, left = it->second - n;
      slab.free.erase(it);
      if (left) slab.free.emplace(at + n, left);
      slab.used += n;
      in_use_ += n;
      return slab.base + at;
    }
    return nullptr;
  }

  static void give_back(Slab& slab, std::size_t at, std::size_t n) {
    slab.used -= n;
    auto next = slab.free.lower_bound(at);
    if (next != slab.free.end() && at + n == next->first) {
      n += next->second;
      next = slab.free.erase(next);
    }
    if (next != slab.free.begin()) {
      auto before = std::prev(next);
      if (before->first + before->second == at) {
        before->second += n;
        return;
      }
    }
    slab.free.emplace(at, n);
  }

  /// As large as all before it if that much can be locked, else as large as it must be.
  std::optional<Slab> map_slab(std::size_t need, std::optional<Unlocked>& unlocked) {
    const std::size_t least = round_up(need, kPage);
    const std::size_t grown = std::max(least, round_up(std::clamp(mapped_, kSmallestSlab, kLargestSlab), kPage));
    void* p = map_locked(grown);
    std::size_t size = grown;
    if (!p) p = map_locked(size = least);
    if (!p) {
      const int error = errno;
      if (must_be_locked) return std::nullopt;
      p = map_plain(size = grown);
      if (!p) throw std::bad_alloc();
      memfd_secret_ = false;
      unlocked = Unlocked{size, error};
      unlocked_ += size;
    }
    madvise(p, size, MADV_DONTDUMP);
    mapped_ += size;
    ++mappings_made_;
    ASAN_POISON_MEMORY_REGION(p, size);
    Slab slab{static_cast<char*>(p), !unlocked.has_value(), size, 0, {}};
    slab.free.emplace(0, size);
    return slab;
  }

  static void* map_plain(std::size_t size) {
    void* const p = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) return nullptr;
    madvise(p, size, MADV_WIPEONFORK);
    return p;
  }

  /// Null, with errno, where the kernel locks no more.
  void* map_locked(std::size_t size) {
    const int fd = static_cast<int>(syscall(SYS_memfd_secret, O_CLOEXEC_FLAG));
    void* p = MAP_FAILED;
    if (fd >= 0) {
      if (ftruncate(fd, static_cast<off_t>(size)) == 0) p = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
      close(fd);
    }
    if (p != MAP_FAILED) {
      madvise(p, size, MADV_DONTFORK);  // a shared mapping cannot be WIPEONFORK
      return p;
    }
    p = map_plain(size);
    if (!p) return nullptr;
    if (syscall(SYS_mlock, p, size) != 0) {  // (AddressSanitizer's mlock does nothing, and says that it did)
      const int error = errno;
      munmap(p, size);
      errno = error;
      return nullptr;
    }
    memfd_secret_ = false;
    return p;
  }

  static constexpr unsigned O_CLOEXEC_FLAG = 02000000;
  std::mutex mutex_;
  std::vector<Slab> slabs_;
  std::size_t in_use_ = 0, mapped_ = 0, mappings_made_ = 0, unlocked_ = 0;
  bool memfd_secret_ = true;  // until a slab is made that is not
};

/// Never destroyed: values in static objects may outlive any order of destruction.
Slabs& slabs_for(std::size_t bytes) {
  static Slabs* const small = new Slabs;
  static Slabs* const large = new Slabs;
  return bytes < kLarge ? *small : *large;
}

}  // namespace

void* secret_allocate(std::size_t bytes) {
  return slabs_for(bytes).allocate(bytes);
}
void secret_deallocate(void* p, std::size_t bytes) noexcept {
  slabs_for(bytes).deallocate(p, bytes);
}
bool require_locked_secret_memory() {
  must_be_locked = true;
  return unlocked_secret_memory() == 0;
}
bool locked_secret_memory_is_required() {
  return must_be_locked;
}
const char* SecretMemoryRefused::what() const noexcept {
  return kRefused;
}
std::size_t unlocked_secret_memory() {
  return slabs_for(0).unlocked() + slabs_for(kLarge).unlocked();
}
SecretMemoryStatus secret_memory_status() {
  const SecretMemoryStatus small = slabs_for(0).status(), large = slabs_for(kLarge).status();
  return {small.memfd_secret && large.memfd_secret, small.locked && large.locked, small.bytes_in_use + large.bytes_in_use,
          small.bytes_mapped + large.bytes_mapped, small.mappings_made + large.mappings_made};
}

}  // namespace dso
