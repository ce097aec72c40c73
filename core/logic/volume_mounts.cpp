// Counting.
#include "logic/volume_mounts.h"

#include <boost/json.hpp>

namespace dso {
namespace {

/// From mounting a volume to a container that runs takes seconds; a pull or a slow hook in between some minutes.
constexpr std::int64_t kLeftOverMs = 10 * 60'000;

}  // namespace

void VolumeMounts::mount(const std::string& id, std::int64_t now_ms) {
  ++counts[id];
  last_ms = now_ms;
}

void VolumeMounts::unmount(const std::string& id) {
  auto it = counts.find(id);
  if (it != counts.end() && --it->second <= 0) counts.erase(it);
}

VolumeSweep sweep_of(const VolumeMounts& mounts, std::int64_t now_ms) {
  const bool young = now_ms >= mounts.last_ms && now_ms - mounts.last_ms < kLeftOverMs;  // not of another boot
  if (mounts.mounted() && young) return VolumeSweep::keep;
  return VolumeSweep::ask_engine;
}

std::string volume_mounts_json(const VolumeMounts& mounts) {
  boost::json::object counts;
  for (const auto& [id, n] : mounts.counts) counts[id] = n;
  return boost::json::serialize(boost::json::object{{"counts", std::move(counts)}, {"last_ms", mounts.last_ms}});
}

VolumeMounts parse_volume_mounts(std::string_view text) {
  boost::system::error_code ec;
  const boost::json::value root = boost::json::parse({text.data(), text.size()}, ec);
  VolumeMounts out;
  try {
    if (ec) return out;
    const boost::json::object& o = root.as_object();
    out.last_ms = o.at("last_ms").as_int64();
    for (const auto& [id, n] : o.at("counts").as_object())
      if (n.as_int64() > 0) out.counts.emplace(id, static_cast<int>(n.as_int64()));
  } catch (const std::exception&) {
    return {};
  }
  return out;
}

}  // namespace dso
