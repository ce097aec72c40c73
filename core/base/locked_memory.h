// What happens where the kernel locks no more memory for secret values (secret_memory.h): it is counted and logged, or refused.
#pragma once
#include <cstddef>
#include <new>

namespace dso {

/// Thrown by secret_allocate where locked memory is required and no more can be locked. What holds values elsewhere stays as it
/// is; the same may succeed later, when others have given theirs back.
struct SecretMemoryRefused : std::bad_alloc {
  const char* what() const noexcept override;  ///< A sentence for people, with the cure; no value.
};

/// From now on what cannot be locked is refused, which is logged once a minute; until then it is used nevertheless, and each
/// piece of it is logged. False: pieces that are not locked are in use already.
bool require_locked_secret_memory();
bool locked_secret_memory_is_required();

/// Bytes of this process's secret memory that are mapped and not locked: they may be swapped. Any thread.
std::size_t unlocked_secret_memory();

}  // namespace dso
