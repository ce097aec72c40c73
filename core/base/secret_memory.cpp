// A first-fit allocator over locked slabs, two sets of them: what is large lives briefly (a store's whole text, an answer being
// read), and one value that stays would keep a slab of it from being given back. The bookkeeping lies in ordinary memory.
#include "base/secret_memory.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <vector>

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
constexpr std::size_t kAlign = 16;

std::size_t round_up(std::size_t n, std::size_t to) {
  return (n + to - 1) / to * to;
}

struct Slab {
  char* base = nullptr;
  std::size_t size = 0;
  std::size_t used = 0;
  std::map<std::size_t, std::size_t> free;  // offset -> length
};

class Slabs {
 public:
  void* allocate(std::size_t bytes) {
    const std::size_t n = round_up(std::max<std::size_t>(bytes, 1), kAlign);
    std::lock_guard lock(mutex_);
    void* p = nullptr;
    for (auto slab = slabs_.begin(); slab != slabs_.end() && !p; ++slab) p = take(*slab, n);
    if (!p) {
      slabs_.push_back(map_slab(n));
      p = take(slabs_.back(), n);
    }
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
      slabs_.erase(slab);
    }
  }

  SecretMemoryStatus status() {
    std::lock_guard lock(mutex_);
    return {memfd_secret_, locked_, in_use_, mapped_, mappings_made_};
  }

 private:
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

  Slab map_slab(std::size_t need) {
    Slab slab;
    slab.size = round_up(std::max(need, std::clamp(mapped_, kSmallestSlab, kLargestSlab)), 4096);
    void* p = MAP_FAILED;
    const int fd = static_cast<int>(syscall(SYS_memfd_secret, O_CLOEXEC_FLAG));
    if (fd >= 0) {
      if (ftruncate(fd, static_cast<off_t>(slab.size)) == 0)
        p = mmap(nullptr, slab.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
      close(fd);
    }
    if (p != MAP_FAILED) {
      madvise(p, slab.size, MADV_DONTFORK);  // a shared mapping cannot be WIPEONFORK
    } else {
      p = mmap(nullptr, slab.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (p == MAP_FAILED) throw std::bad_alloc();
      memfd_secret_ = false;
      if (mlock(p, slab.size) != 0) locked_ = false;
      madvise(p, slab.size, MADV_WIPEONFORK);
    }
    madvise(p, slab.size, MADV_DONTDUMP);
    mapped_ += slab.size;
    ++mappings_made_;
    ASAN_POISON_MEMORY_REGION(p, slab.size);
    slab.base = static_cast<char*>(p);
    slab.free.emplace(0, slab.size);
    return slab;
  }

  static constexpr unsigned O_CLOEXEC_FLAG = 02000000;
  std::mutex mutex_;
  std::vector<Slab> slabs_;
  std::size_t in_use_ = 0, mapped_ = 0, mappings_made_ = 0;
  bool memfd_secret_ = true, locked_ = true;  // until a slab is made that is not
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
SecretMemoryStatus secret_memory_status() {
  const SecretMemoryStatus small = slabs_for(0).status(), large = slabs_for(kLarge).status();
  return {small.memfd_secret && large.memfd_secret, small.locked && large.locked, small.bytes_in_use + large.bytes_in_use,
          small.bytes_mapped + large.bytes_mapped, small.mappings_made + large.mappings_made};
}

}  // namespace dso
