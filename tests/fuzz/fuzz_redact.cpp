// What a container printed, and the values that may not be in it. "TEXT\0VALUE\0VALUE…": no six characters in a row of a value
// are shown, but for those of what is put in their place.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "logic/redact.h"

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// What is shown of the text itself: each of our own marks is a break.
std::vector<std::string> pieces(std::string shown) {
  std::vector<std::string> out;
  for (const std::string_view mark : {" (line hidden: a short secret value stands in it)", "(earlier output is not shown)"})
    for (std::size_t at; (at = shown.find(mark)) != std::string::npos;) shown.replace(at, mark.size(), dso::kHiddenPart);
  for (std::size_t at = 0; at <= shown.size();) {
    const std::size_t end = std::min(shown.find(dso::kHiddenPart, at), shown.size());
    out.push_back(lower(std::string_view(shown).substr(at, end - at)));
    at = end + dso::kHiddenPart.size();
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::vector<std::string_view> parts;
  for (std::size_t at; (at = rest.find('\0')) != std::string_view::npos; rest.remove_prefix(at + 1))
    parts.push_back(rest.substr(0, at));
  parts.push_back(rest);
  const std::string_view text = parts.front();
  if (text.find("hidden") != std::string_view::npos || text.find("secret") != std::string_view::npos) return 0;  // our own words
  const std::vector<std::string_view> values(parts.begin() + 1, parts.end());
  const std::vector<std::string> shown = pieces(dso::redact(text, values));
  for (const std::string_view value : values)
    for (std::size_t i = 0; i + 6 <= value.size(); ++i) {
      const std::string run = lower(value.substr(i, 6));
      if (run.find_first_not_of(" \t\r\n") == std::string::npos) continue;
      for (const std::string& piece : shown)
        if (piece.find(run) != std::string::npos) std::abort();
    }
  return 0;
}
