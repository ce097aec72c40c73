// Memory for secret values: locked, out of core dumps and out of forked children, wiped when given back. Small values share
// slabs, since the kernel limits how much a process may lock. Everything that holds a value takes its memory from here.
#pragma once
#include <cstddef>

namespace dso {

/// Never null; throws std::bad_alloc when the kernel gives no memory. Any thread. Aligned to 16.
void* secret_allocate(std::size_t bytes);
/// Wipes and gives back; `bytes` as asked for. Any thread.
void secret_deallocate(void* p, std::size_t bytes) noexcept;

struct SecretMemoryStatus {
  bool memfd_secret = false;  ///< Pages that not even root's /proc/PID/mem can read (kernel 5.14, enabled).
  bool locked = false;        ///< False: the limit (ulimit -l) was too small, values may be swapped.
  std::size_t bytes_in_use = 0;
  std::size_t bytes_mapped = 0;   ///< With what is kept for the next values; at most as much of it takes memory.
  std::size_t mappings_made = 0;  ///< Since the start: each costs the kernel.
};
SecretMemoryStatus secret_memory_status();

/// For std containers. A std::string must not use it: short strings live in the object, not in this memory.
template <class T>
struct SecretAllocator {
  using value_type = T;
  SecretAllocator() = default;
  template <class U>
  SecretAllocator(const SecretAllocator<U>&) noexcept {}
  T* allocate(std::size_t n) { return static_cast<T*>(secret_allocate(n * sizeof(T))); }
  void deallocate(T* p, std::size_t n) noexcept { secret_deallocate(p, n * sizeof(T)); }
  template <class U>
  bool operator==(const SecretAllocator<U>&) const noexcept {
    return true;
  }
};

}  // namespace dso
