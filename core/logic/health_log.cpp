// The engine keeps the last five probes: with so many, the first one may be forgotten.
#include "logic/health_log.h"

#include "logic/docker_json.h"
#include "logic/docker_tree.h"

namespace dso {
namespace {

using docker_tree::read_object;
using docker_tree::WipedTree;

std::int64_t first_good(const JsonReader& r) {
  constexpr int kKept = 5;
  std::int64_t first = 0;
  int probes = 0;
  r.child("State").child("Health").each("Log", [&](const JsonReader& probe) {
    ++probes;
    if (first == 0 && probe.integer("ExitCode") == 0) first = parse_rfc3339_ms(probe.text("End")).value_or(0);
  });
  return probes < kKept ? first : 0;
}

}  // namespace

std::int64_t first_healthy_ms(std::string_view inspect) {
  WipedTree tree(inspect.size());
  const auto first = read_object<std::int64_t>(inspect, tree.storage(), first_good);
  return first.has_value() ? *first : 0;
}

}  // namespace dso
