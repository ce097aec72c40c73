// One pass over number and unit pairs.
#include "logic/duration.h"

#include <algorithm>

#include "logic/text.h"

namespace dso {
namespace {

struct Unit {
  std::string_view name;
  long long milliseconds;
};
constexpr Unit kUnits[] = {{"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};
constexpr long long kLongest = 1000LL * 3600000;

Error wrong(std::string cause, std::string next) {
  Error e;
  e.cls = ErrorClass::config;
  e.cause = std::move(cause);
  e.next = std::move(next);
  return e;
}

Error not_a_duration(std::string_view text) {
  return wrong(in_quotes(text) + " is not a duration",
               "Write a whole number with a unit (h, m, s, ms), as '2m', '500ms' or '1h30m'.");
}

}  // namespace

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_digit))
    return wrong(in_quotes(text) + " has no unit", "Write '" + printable(text, 20) + "s' for seconds, or use h, m, ms.");
  long long total = 0;
  std::size_t next_unit = 0;
  std::string_view rest = text;
  if (rest.empty()) return not_a_duration(text);
  while (!rest.empty()) {
    std::size_t digits = 0;
    long long number = 0;
    for (; digits < rest.size() && is_digit(rest[digits]); ++digits)
      number = std::min(kLongest + 1, number * 10 + (rest[digits] - '0'));
    if (digits == 0) return not_a_duration(text);
    rest.remove_prefix(digits);
    std::size_t letters = 0;
    while (letters < rest.size() && !is_digit(rest[letters])) ++letters;
    const std::string_view name = rest.substr(0, letters);
    rest.remove_prefix(letters);
    while (next_unit < std::size(kUnits) && kUnits[next_unit].name != name) ++next_unit;
    if (next_unit == std::size(kUnits)) return not_a_duration(text);
    if (number > kLongest / kUnits[next_unit].milliseconds) return wrong(in_quotes(text) + " is too long", "At most 1000h.");
    total += number * kUnits[next_unit++].milliseconds;
  }
  if (total > kLongest) return wrong(in_quotes(text) + " is too long", "At most 1000h.");
  return std::chrono::milliseconds(total);
}

std::string format_duration(std::chrono::milliseconds duration) {
  long long left = std::max<long long>(0, duration.count());
  std::string out;
  for (const Unit& unit : kUnits) {
    if (left < unit.milliseconds) continue;
    out += std::to_string(left / unit.milliseconds);
    out += unit.name;
    left %= unit.milliseconds;
  }
  return out.empty() ? "0s" : out;
}

}  // namespace dso
