// Result<T>: a value or an Error. Boost.System's result, so that nobody has to learn a type of ours.
#pragma once
#include <boost/system/result.hpp>
#include <stdexcept>
#include <utility>

#include "base/error.h"

namespace dso {

template <class T>
using Result = boost::system::result<T, Error>;

/// Found by Boost for .value() on an error: a programming mistake, since callers test first.
[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw std::logic_error(error.what);
}

}  // namespace dso

#define DSO_CONCAT_(a, b) a##b
#define DSO_CONCAT(a, b) DSO_CONCAT_(a, b)
/// DSO_TRY(auto x, f()): x is the value, or the enclosing function returns f's error.
#define DSO_TRY(declaration, expression)                                                                          \
  auto DSO_CONCAT(dso_result_, __LINE__) = (expression);                                                          \
  if (DSO_CONCAT(dso_result_, __LINE__).has_error()) return std::move(DSO_CONCAT(dso_result_, __LINE__)).error(); \
  declaration = /* NOLINT(bugprone-macro-parentheses): it declares */ std::move(*DSO_CONCAT(dso_result_, __LINE__))
/// DSO_CHECK(f()): for a Result<void>.
#define DSO_CHECK(expression) \
  if (auto dso_result_ = (expression); dso_result_.has_error()) return std::move(dso_result_).error()
