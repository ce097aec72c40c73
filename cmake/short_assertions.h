// What a broken assertion of the standard library does in what is shipped: says which condition, and ends the process.
// libstdc++'s own also names file and function; those texts made the binary 90 KB larger. Before every source
// (cmake/DsoDependencies.cmake).
#pragma once
#ifdef __cplusplus
#include <bits/c++config.h>

#ifdef __glibcxx_assert_impl
namespace dso_assert {
[[noreturn, gnu::cold, gnu::noinline]] inline void fails(const char* condition) noexcept {
  std::__glibcxx_assert_fail(nullptr, 0, condition, nullptr);
}
}  // namespace dso_assert
#undef __glibcxx_assert_impl
#define __glibcxx_assert_impl(condition)           \
  if (__builtin_expect(!bool(condition), false)) { \
    __glibcxx_constexpr_assert(false);             \
    dso_assert::fails(#condition);                 \
  }
#endif
#endif
