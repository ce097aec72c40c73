// How a container took a new value, for a while after it was told of it: an update that looked good is taken back where the
// container dies of it, or turns unhealthy, soon after. Pure; agent/monitor looks and acts.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

#include "model/container.h"
#include "model/delivery.h"

namespace dso {

enum class MonitorVerdict {
  watch,      ///< Nothing happened so far.
  over,       ///< Its time is over, or there is nothing left to judge: the value stays.
  take_back,  ///< It did not take it.
};

struct MonitorResult {
  MonitorVerdict verdict = MonitorVerdict::watch;
  std::string cause;  ///< Of take_back, for people: "it ended with code 5".
};

/// What a container was told by.
enum class ToldBy { its_start, a_signal };

/// Since when it is told, in ms since the host started: whoever asks it to end after that does so himself. A process that began
/// with the value is asked for its beginning: the note of telling is made later, and what ended the process before was DSO's.
std::int64_t told_at_boot_ms(ToldBy by, const Container& c, std::int64_t now_boot_ms, std::int64_t now_ms);

/// The container is being looked at since an unfinished restart of `asked_ms` (Unix time): that restart ended well.
bool is_looked_at_since(const ScopeState& state, const std::string& container_id, std::int64_t asked_ms, std::int64_t now_boot_ms,
                        std::int64_t now_ms);

struct MonitorView {
  const Container* container = nullptr;  ///< Null: it is gone.
  /// Somebody ended it by the engine's API since it was told, or may have, while nobody listened to the engine.
  bool may_have_been_stopped = false;
  std::int64_t now_boot_ms = 0;
  std::int64_t now_ms = 0;  ///< Unix time, by which the engine dates a container's end.
};

/// False: another container has the scope's newest value, and its time is over: then it is not the value's fault.
bool may_be_the_values_fault(const ScopeState& state, const std::string& container_id);

/// False: a container is still being looked at, so this is no value to go back to.
bool has_proved_good(const ScopeState& state, std::int64_t now_boot_ms, std::chrono::milliseconds window);

/// `told`: as it was when it was told. `window`: agent.rotation.monitor.
MonitorResult judge_monitored(const Monitored& told, const MonitorView& view, std::chrono::milliseconds window);

}  // namespace dso
