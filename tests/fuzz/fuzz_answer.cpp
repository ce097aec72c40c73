// What a provider reads besides its host's own: a store's JSON member by member, and the profile files of AWS's tools. The walk
// over the raw text sees what the library saw, and compact JSON means the same as the original.
#include <boost/json/parse.hpp>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string_view>

#include "aws/profile_file.h"
#include "wiping_json.h"

namespace {

void json_text(std::string_view text) {
  const auto document = wiping::Document::parse(text);
  if (!document) return;
  const auto members = wiping::raw_members(text);
  std::set<boost::json::string> names;
  for (const auto& m : members) {
    names.insert(boost::json::parse(std::string("\"").append(m.key) + '"').as_string());
    const auto value = boost::json::parse({m.value.data(), m.value.size()});
    const auto compact = wiping::compact_json(m.value);
    if (boost::json::parse({compact.data(), compact.size()}) != value) std::abort();
    (void)wiping::compact_json(m.value, wiping::Escapes::html);
  }
  if (names.size() != document->root().size()) std::abort();
  (void)wiping::raw_members(text, {"data", "data"});
  wiping::Secret written;
  wiping::append_json_string(written, text);
  if (boost::json::parse({written.data(), written.size()}).as_string() != boost::json::string_view(text.data(), text.size()))
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  json_text(text);
  for (const auto kind : {aws::FileKind::config, aws::FileKind::credentials}) {
    const auto file = aws::parse_profiles(text, kind);
    if (!file.error.empty() && !file.profiles.empty()) std::abort();
    for (const auto& [name, properties] : file.services)
      (void)aws::nested_property(properties, "secrets_manager", "endpoint_url");
    (void)aws::merged(file, aws::parse_profiles(text, aws::FileKind::credentials));
  }
  return 0;
}
