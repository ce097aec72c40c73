// The instance's config as the JSON that `open` gets, written piecewise so that no ordinary string ever holds it.
#include <boost/json/serializer.hpp>
#include <boost/json/value.hpp>

#include "provider/supervised_source.h"

namespace dso {
namespace {

void add_text(SecretBuffer& out, std::string_view text) {
  boost::json::serializer serializer;
  const boost::json::string_view view(text.data(), text.size());
  serializer.reset(view);
  char piece[512];
  while (!serializer.done()) {
    const auto written = serializer.read(piece, sizeof piece);
    append(out, {written.data(), written.size()});
  }
  explicit_bzero(piece, sizeof piece);
}

void add_map(SecretBuffer& out, const std::map<std::string, std::string>& map) {
  append(out, "{");
  bool first = true;
  for (const auto& [key, value] : map) {
    if (!first) append(out, ",");
    first = false;
    add_text(out, key);
    append(out, ":");
    add_text(out, value);
  }
  append(out, "}");
}

}  // namespace

SecretBuffer config_for_provider(const ProviderInstance& instance) {
  SecretBuffer out;
  append(out, "{\"name\":");
  add_text(out, instance.name);
  append(out, ",\"type\":");
  add_text(out, instance.type);
  append(out, ",\"settings\":");
  add_map(out, instance.settings);
  append(out, ",\"auth\":{\"method\":");
  add_text(out, instance.auth_method);
  append(out, ",\"params\":");
  add_map(out, instance.auth_params);
  append(out, "}}");
  return out;
}

}  // namespace dso
