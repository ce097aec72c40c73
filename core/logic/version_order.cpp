// Part by part; a number of any length is compared as text of digits without leading zeros.
#include "logic/version_order.h"

#include <algorithm>
#include <compare>
#include <vector>

#include "logic/text.h"

namespace dso {
namespace {

using VersionParts = std::vector<std::string_view>;

struct ReadVersion {
  VersionParts numbers, before;  ///< `before`: of a pre-release.
};

VersionParts split_at_dots(std::string_view text) {
  VersionParts out;
  for (std::size_t dot; (dot = text.find('.')) != std::string_view::npos; text.remove_prefix(dot + 1))
    out.push_back(text.substr(0, dot));
  out.push_back(text);
  return out;
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

std::strong_ordering order_of_numbers(std::string_view a, std::string_view b) {
  for (std::string_view* one : {&a, &b}) one->remove_prefix(std::min(one->find_first_not_of('0'), one->size()));
  if (a.size() != b.size()) return a.size() <=> b.size();
  return a <=> b;
}

std::optional<ReadVersion> read_version(std::string_view text) {
  text = text.substr(0, text.find('+'));
  const std::size_t dash = text.find('-');
  ReadVersion out{split_at_dots(text.substr(0, dash)), {}};
  if (out.numbers.size() > 4 || !std::all_of(out.numbers.begin(), out.numbers.end(), is_number)) return std::nullopt;
  while (out.numbers.size() < 4) out.numbers.push_back("0");
  if (dash != std::string_view::npos) out.before = split_at_dots(text.substr(dash + 1));
  if (std::any_of(out.before.begin(), out.before.end(), [](std::string_view p) { return p.empty(); })) return std::nullopt;
  return out;
}

std::strong_ordering order_before(const VersionParts& a, const VersionParts& b) {
  if (a.empty() != b.empty()) return a.empty() ? std::strong_ordering::greater : std::strong_ordering::less;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    const bool first = is_number(a[i]), second = is_number(b[i]);
    if (first != second) return first ? std::strong_ordering::less : std::strong_ordering::greater;
    const auto order = first ? order_of_numbers(a[i], b[i]) : a[i] <=> b[i];
    if (std::is_neq(order)) return order;
  }
  return a.size() <=> b.size();
}

}  // namespace

std::optional<std::strong_ordering> compare_versions(std::string_view a, std::string_view b) {
  if (a == b) return std::strong_ordering::equal;
  const auto first = read_version(a), second = read_version(b);
  if (!first || !second) return std::nullopt;
  for (std::size_t i = 0; i < first->numbers.size(); ++i)
    if (const auto order = order_of_numbers(first->numbers[i], second->numbers[i]); std::is_neq(order)) return order;
  return order_before(first->before, second->before);
}

}  // namespace dso
