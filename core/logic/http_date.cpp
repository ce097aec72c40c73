// Glibc's parser: names of days and months are English here, since the program sets no locale.
#include "logic/http_date.h"

#include <ctime>

namespace dso {

std::optional<std::int64_t> parse_http_date(const std::string& text) {
  std::tm time{};
  const char* end = strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &time);
  if (!end || *end != '\0') return std::nullopt;
  return timegm(&time);
}

}  // namespace dso
