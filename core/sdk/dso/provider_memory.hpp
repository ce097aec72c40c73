// Memory for tokens and values, of the host's making: locked, out of core dumps, wiped when given back. Included by
// dso/provider.hpp; also for parts of a provider that need nothing else of it.
//
//   dso::sdk::SecretText token = dso::sdk::secret_text(response.body());   // never a std::string: short ones lie in the object
//   itself
//
// Any thread. A host that lends none (an older one), and what is made before the first instance is opened, gets ordinary memory,
// which is wiped too.
#pragma once
#include <cstddef>
#include <new>
#include <string_view>
#include <vector>

#include "dso/provider.h"

namespace dso::sdk {

namespace detail {

/// What the process's host lends; nulls before the first instance is opened, and where it lends none.
struct MemoryLender {
  void* (*alloc)(void*, size_t) = nullptr;
  void (*free)(void*, void*, size_t) = nullptr;
  void* ctx = nullptr;
};
inline MemoryLender& memory_lender() noexcept {
  static MemoryLender lender;
  return lender;
}

/// At open, before anything is kept: one host for all instances.
inline void borrow_memory_from(const dso_host& host) noexcept {
  const bool lends = host.struct_size >= offsetof(dso_host, secret_free) + sizeof(dso_host::secret_free) && host.secret_alloc &&
                     host.secret_free;
  memory_lender() = lends ? MemoryLender{host.secret_alloc, host.secret_free, host.ctx} : MemoryLender{};
}

/// Stands before each piece: who takes it back, since what was made before the host was known is given back after.
struct alignas(16) MemoryHead {
  void (*free)(void*, void*, size_t);
  void* ctx;
};

}  // namespace detail

/// Aligned to 16. Throws std::bad_alloc, also where the host may give no more that is locked.
inline void* secret_allocate(std::size_t bytes) {
  using detail::MemoryHead;
  const detail::MemoryLender& lender = detail::memory_lender();
  const std::size_t whole = bytes + sizeof(MemoryHead);
  if (whole < bytes) throw std::bad_alloc();
  void* const p = lender.alloc ? lender.alloc(lender.ctx, whole) : ::operator new(whole);
  if (!p) throw std::bad_alloc();
  return new (p) MemoryHead{lender.free, lender.ctx} + 1;
}

/// Wipes and gives back; `bytes` as asked for.
inline void secret_deallocate(void* p, std::size_t bytes) noexcept {
  using detail::MemoryHead;
  if (!p) return;
  MemoryHead* const head = static_cast<MemoryHead*>(p) - 1;
  if (head->free) return head->free(head->ctx, head, bytes + sizeof(MemoryHead));
  volatile char* const all = static_cast<volatile char*>(p);
  for (std::size_t i = 0; i < bytes; ++i) all[i] = 0;
  ::operator delete(head);
}

/// For standard containers.
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

using SecretText = std::vector<char, SecretAllocator<char>>;
inline SecretText secret_text(std::string_view text) {
  return SecretText(text.begin(), text.end());
}
inline std::string_view view(const SecretText& text) noexcept {
  return {text.data(), text.size()};
}

}  // namespace dso::sdk
