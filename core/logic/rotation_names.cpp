// Suffixes; a scope's own id never ends in a dot and digits (logic/scope_id.h).
#include "logic/rotation_names.h"

#include <algorithm>
#include <charconv>

namespace dso {
namespace {

/// What a scope's suffix has room for.
constexpr int kMostGenerations = 999'999;

std::size_t suffix_at(const std::string& scope_id) {
  const std::size_t dot = scope_id.rfind('.');
  if (dot == std::string::npos || dot + 1 == scope_id.size() || scope_id.size() - dot > 7) return std::string::npos;
  const bool digits = std::all_of(scope_id.begin() + static_cast<std::ptrdiff_t>(dot) + 1, scope_id.end(),
                                  [](char c) { return c >= '0' && c <= '9'; });
  return digits ? dot : std::string::npos;
}

}  // namespace

int generation_of(const Container& container, int otherwise) {
  const std::string text = container.label_or(label::kGeneration);
  int count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  return error == std::errc() && end == text.data() + text.size() && count > 0 && count < kMostGenerations ? count : otherwise;
}

std::string candidate_name(const std::string& service) {
  return service + "_dso_new";
}

std::string old_name(const std::string& service) {
  return service + "_dso_old";
}

std::string scope_base(const std::string& scope_id) {
  return scope_id.substr(0, suffix_at(scope_id));
}

int scope_generation(const std::string& scope_id) {
  const std::size_t dot = suffix_at(scope_id);
  int generation = 1;
  if (dot != std::string::npos) std::from_chars(scope_id.data() + dot + 1, scope_id.data() + scope_id.size(), generation);
  return std::max(1, generation);
}

std::string scope_of_generation(const std::string& base, int generation) {
  return generation <= 1 ? base : base + "." + std::to_string(generation);
}

}  // namespace dso
