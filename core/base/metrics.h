// What the agent counts, for a monitoring system: one registry of the process, its text in Prometheus' exposition format 0.0.4.
// Label values are names from the config, never a secret's name or value.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace dso::metrics {

enum class Metric {
  polls,                   ///< Rounds of asking a provider; label: provider.
  poll_failures,           ///< Those that its store did not answer; label: provider.
  provider_up,             ///< 1: the last round was answered; label: provider.
  last_good_poll,          ///< Unix time, s; label: provider.
  secrets_watched,         ///< Delivered secrets that may change; label: provider.
  secrets_refused,         ///< Those that the store denies or does not have; label: provider.
  secrets_held,            ///< Changes that wait until they are quiet; label: provider.
  secret_changes,          ///< Values seen to differ from what is delivered; label: provider.
  reloads,                 ///< Scopes brought to a new value, or not; label: result ("done", "failed").
  stale_reads,             ///< Last good values given out while a store did not answer; no label.
  secret_reads,            ///< Through the sockets; label: result ("done", "refused", "failed").
  secrets_stale,           ///< Secrets whose readers get such a value now; no label.
  secret_memory_unlocked,  ///< Bytes for values that could not be locked, of this process, now; no label. Always there.
};

/// By metric and label value; ordered, so that the text is the same for the same state.
using Samples = std::map<std::pair<Metric, std::string>, double>;

/// Any thread; a short lock. `label` is the value of the metric's one label.
void add(Metric metric, std::string_view label = {}, double by = 1);
void set(Metric metric, std::string_view label, double value);
/// Everything of a provider instance that is no more.
void forget_provider(std::string_view name);

Samples samples();
/// The lines with HELP and TYPE. Pure.
std::string text_of(const Samples& samples);

}  // namespace dso::metrics
