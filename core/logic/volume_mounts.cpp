// Counting.
#include "logic/volume_mounts.h"

#include <boost/json.hpp>

namespace dso {
namespace {

/// From mounting a volume to a container that runs takes seconds; a pull or a slow hook in between some minutes.
constexpr std::int64_t kLeftOverMs = 10 * 60'000;
/// `docker restart` unmounts and mounts again: within a second on a host at rest, within some on one that is out of breath. Wiped
/// between the two, the last good secret would be lost where the store is down.
constexpr std::int64_t kRestartMs = 10'000;

/// `then` is less than `span` ago; not of another boot.
bool within(std::int64_t span, std::int64_t then, std::int64_t now) {
  return then > 0 && now >= then && now - then < span;
}

}  // namespace

void VolumeMounts::mount(const std::string& id, std::int64_t now_ms) {
  ++counts[id];
  last_ms = now_ms;
}

void VolumeMounts::unmount(const std::string& id, std::int64_t now_ms) {
  auto it = counts.find(id);
  if (it == counts.end()) return;
  if (--it->second <= 0) counts.erase(it);
  if (!mounted()) left_ms = now_ms;
}

VolumeSweep sweep_of(const VolumeMounts& mounts, std::int64_t now_ms) {
  if (mounts.mounted()) return within(kLeftOverMs, mounts.last_ms, now_ms) ? VolumeSweep::keep : VolumeSweep::ask_engine;
  return within(kRestartMs, mounts.left_ms, now_ms) ? VolumeSweep::soon : VolumeSweep::ask_engine;
}

std::string volume_mounts_json(const VolumeMounts& mounts) {
  boost::json::object counts;
  for (const auto& [id, n] : mounts.counts) counts[id] = n;
  return boost::json::serialize(
      boost::json::object{{"counts", std::move(counts)}, {"last_ms", mounts.last_ms}, {"left_ms", mounts.left_ms}});
}

VolumeMounts parse_volume_mounts(std::string_view text) {
  boost::system::error_code ec;
  const boost::json::value root = boost::json::parse({text.data(), text.size()}, ec);
  VolumeMounts out;
  try {
    if (ec) return out;
    const boost::json::object& o = root.as_object();
    out.last_ms = o.at("last_ms").as_int64();
    if (const auto* left = o.if_contains("left_ms")) out.left_ms = left->as_int64();  // older agents did not write it
    for (const auto& [id, n] : o.at("counts").as_object())
      if (n.as_int64() > 0) out.counts.emplace(id, static_cast<int>(n.as_int64()));
  } catch (const std::exception&) {
    return {};
  }
  return out;
}

}  // namespace dso
