// From the counters that there are already; nothing is counted for this alone.
#include "agent/agent_status.h"

#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <functional>

#include "logic/json_text.h"
#include "logic/rotation_names.h"

namespace dso {

boost::json::object agent_status(const Config& config, const metrics::Samples& samples, const ReloaderState& reloader,
                                 bool swarm_leader, std::int64_t started_at_ms) {
  using metrics::Metric;
  boost::json::array providers;
  for (const ProviderInstance& instance : config.providers) {
    const auto sample = [&](Metric metric) {
      const auto found = samples.find({metric, instance.name});
      return found == samples.end() ? std::optional<double>() : found->second;
    };
    const auto up = sample(Metric::provider_up);
    const auto count = [&](Metric metric) { return static_cast<std::int64_t>(sample(metric).value_or(0)); };
    providers.push_back({{"name", instance.name},
                         {"type", instance.type},
                         {"up", up ? boost::json::value(*up > 0) : boost::json::value(nullptr)},
                         {"secrets", count(Metric::secrets_watched)},
                         {"refused", count(Metric::secrets_refused)},
                         {"held", count(Metric::secrets_held)},
                         {"last_answer_ms", static_cast<std::int64_t>(sample(Metric::last_good_poll).value_or(0) * 1000)}});
  }
  boost::json::array failing;
  for (const ReloaderState::Failing& f : reloader.failing)
    failing.push_back({{"scope", f.scope_id}, {"attempts", f.attempts}, {"next_try_in_ms", f.next_try_in.count()}});
  return {{"pid", getpid()},
          {"started_at_ms", started_at_ms},
          {"config", config.file},
          {"swarm_leader", swarm_leader},
          {"providers", std::move(providers)},
          {"rotating", boost::json::array(reloader.running.begin(), reloader.running.end())},
          {"waiting", boost::json::array(reloader.waiting.begin(), reloader.waiting.end())},
          {"failing", std::move(failing)}};
}

boost::json::object mark_to_json(const ConfigMark& mark) {
  return {{"file", mark.file}, {"mtime_ns", mark.mtime_ns}, {"size", mark.size}, {"inode", mark.inode}};
}

std::optional<ConfigMark> mark_in(const boost::json::object& status) {
  const auto* member = status.if_contains("config_read");
  const auto* o = member ? member->if_object() : nullptr;
  if (!o) return std::nullopt;
  const auto number = [o](const char* key) {
    const auto* n = o->if_contains(key);
    return n && n->is_int64() ? n->as_int64() : 0;
  };
  return ConfigMark{std::string(text_in(*o, "file")), number("mtime_ns"), number("size"), number("inode")};
}

AgentWork agent_work(const boost::json::object& status) {
  AgentWork out;
  const auto each = [&status](const char* key, const auto& take) {
    const auto* list = status.if_contains(key);
    if (const auto* items = list ? list->if_array() : nullptr)
      for (const boost::json::value& item : *items) take(item);
  };
  const auto counted = [](const boost::json::value& item, const char* name, const char* count,
                          const std::function<void(std::string, std::int64_t)>& take) {
    const auto* object = item.if_object();
    const auto* text = object ? object->if_contains(name) : nullptr;
    const auto* number = object ? object->if_contains(count) : nullptr;
    if (text && text->is_string() && number && number->is_int64()) take(std::string(text->as_string()), number->as_int64());
  };
  for (const char* key : {"rotating", "waiting"})
    each(key, [&out](const boost::json::value& scope) {
      if (scope.is_string()) out.rotating.insert(scope_base(std::string(scope.as_string())));
    });
  each("failing", [&](const boost::json::value& item) {
    counted(item, "scope", "attempts", [&](const std::string& scope, std::int64_t n) { out.failing[scope_base(scope)] = n; });
  });
  each("providers", [&](const boost::json::value& item) {
    counted(item, "name", "held", [&](const std::string& name, std::int64_t n) { out.held[name] = n; });
  });
  return out;
}

}  // namespace dso
