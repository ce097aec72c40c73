// The registry and its text; format: https://prometheus.io/docs/instrumenting/exposition_formats/.
#include "base/metrics.h"

#include <array>
#include <cstdio>
#include <mutex>

#include "base/locked_memory.h"

namespace dso::metrics {
namespace {

struct Definition {
  Metric metric;
  const char *name, *type, *label, *help;
};
constexpr std::array<Definition, 13> kDefinitions{{
    {Metric::polls, "dso_polls_total", "counter", "provider", "Rounds of asking a provider for changes."},
    {Metric::poll_failures, "dso_poll_failures_total", "counter", "provider", "Rounds that the store did not answer."},
    {Metric::provider_up, "dso_provider_up", "gauge", "provider", "1 if the last round was answered."},
    {Metric::last_good_poll, "dso_last_good_poll_timestamp_seconds", "gauge", "provider", "When a round was last answered."},
    {Metric::secrets_watched, "dso_secrets_watched", "gauge", "provider", "Delivered secrets that may change."},
    {Metric::secrets_refused, "dso_secrets_refused", "gauge", "provider",
     "Watched secrets that the store denies or does not have."},
    {Metric::secrets_held, "dso_secrets_held", "gauge", "provider", "Changes that wait until they are quiet."},
    {Metric::secret_changes, "dso_secret_changes_total", "counter", "provider", "Changes seen in the store."},
    {Metric::reloads, "dso_reloads_total", "counter", "result", "Times that containers were brought to new values, or were not."},
    {Metric::stale_reads, "dso_stale_reads_total", "counter", "", "Last good values given out while a store did not answer."},
    {Metric::secret_reads, "dso_secret_reads_total", "counter", "result",
     "Reads through the sockets that were answered, refused, or failed."},
    {Metric::secrets_stale, "dso_secrets_stale", "gauge", "",
     "Secrets whose readers get the last good value, the store being down."},
    {Metric::secret_memory_unlocked, "dso_secret_memory_unlocked_bytes", "gauge", "",
     "Memory for values that could not be locked and may be swapped."},
}};

struct Registry {
  std::mutex mutex;
  Samples samples;
};
Registry& registry() {
  static Registry* const one = new Registry;  // never destroyed: threads may count until the very end
  return *one;
}

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.15g", value);
  return text.data();
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    out += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return out;
}

}  // namespace

void add(Metric metric, std::string_view label, double by) {
  const std::lock_guard lock(registry().mutex);
  registry().samples[{metric, std::string(label)}] += by;
}

void set(Metric metric, std::string_view label, double value) {
  const std::lock_guard lock(registry().mutex);
  registry().samples[{metric, std::string(label)}] = value;
}

void forget_provider(std::string_view name) {
  const std::lock_guard lock(registry().mutex);
  for (const Definition& d : kDefinitions)
    if (std::string_view(d.label) == "provider") registry().samples.erase({d.metric, std::string(name)});
}

Samples samples() {
  const auto unlocked = static_cast<double>(unlocked_secret_memory());
  const std::lock_guard lock(registry().mutex);
  Samples out = registry().samples;
  out[{Metric::secret_memory_unlocked, ""}] = unlocked;
  return out;
}

std::string text_of(const Samples& samples) {
  std::string out;
  for (const Definition& d : kDefinitions) {
    const std::string name = d.name;
    const auto first = samples.lower_bound({d.metric, ""});
    if (first == samples.end() || first->first.first != d.metric) continue;
    out += "# HELP " + name + " " + d.help + "\n# TYPE " + name + " " + d.type + "\n";
    for (auto it = first; it != samples.end() && it->first.first == d.metric; ++it)
      out += name + (*d.label ? "{" + std::string(d.label) + "=\"" + escaped(it->first.second) + "\"}" : "") + " " +
             number(it->second) + "\n";
  }
  return out;
}

}  // namespace dso::metrics
