// The order: nobody polls what goes, then nobody can ask for it, then what comes is polled.
#include "agent/config_reload.h"

#include <unistd.h>

#include <ctime>
#include <set>

#include "agent/sd_notify.h"
#include "base/log.h"
#include "base/metrics.h"
#include "logic/config_change.h"

namespace dso {
namespace {

/// systemd wants to know when the reload began, by its own clock (sd_notify(3)).
void tell_systemd_that_it_begins() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  sd_notify("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now.tv_sec * 1'000'000LL + now.tv_nsec / 1000));
}

std::string named(const ConfigMark& mark) {
  return mark.file.empty() ? std::string("built-in defaults (local store)") : mark.file;
}

}  // namespace

Result<std::string> ConfigReload::reload() {
  tell_systemd_that_it_begins();
  auto done = change();
  if (done.has_error()) {
    Error e = done.error();
    e.next += std::string(e.next.empty() ? "" : " ") + "The agent goes on with what it read before (" + named(mark()) + ").";
    log::error("Config", render(e));
    done = std::move(e);
    sd_notify("READY=1\nSTATUS=The config was not taken over: see the log");
  } else {
    log::info("Config", *done);
    sd_notify("READY=1\nSTATUS=");
  }
  return done;
}

Result<std::string> ConfigReload::change() {
  DSO_TRY(LoadedConfig loaded, load_());
  const std::string before = mark().file;
  if (!before.empty() && loaded.mark.file != before && access(before.c_str(), F_OK) != 0)
    return make_error(ErrorClass::config, "Cannot read the config '" + before + "' anew", "it is gone",
                      "Put it back; or restart the agent to have it go by " + named(loaded.mark) + ".");
  const ConfigChange change = config_change(sources_.config(), loaded.config);
  const std::string text = "Read " + named(loaded.mark) + " anew: " + config_change_text(change);
  if (loaded.mark == mark()) return text;  // not written since: asked for in vain, however often
  {
    const std::lock_guard lock(mutex_);
    mark_ = loaded.mark;
  }
  const std::set<std::string> outdated = change.outdated();
  watchers_.stop(outdated);
  sources_.use(std::move(loaded.config), outdated);
  if (cache_) cache_->ask_anew(outdated);
  for (const std::string& name : change.instances.removed) metrics::forget_provider(name);
  watchers_.start();
  watchers_.wake();
  return text;
}

ConfigMark ConfigReload::mark() const {
  const std::lock_guard lock(mutex_);
  return mark_;
}

void tell_of_unknown_instances(const TmpfsStore& store, const Config& config) {
  std::set<std::string> unknown;
  for (const Scope& scope : store.known_scopes())
    for (const DeliveryItem& item : scope.items)
      if (!config.find_provider(item.secret.instance)) unknown.insert(item.secret.instance);
  for (const std::string& name : unknown)
    log::warn("Config", "Containers have secrets of the provider instance '" + name + "', which is not in " +
                            (config.file.empty() ? std::string("the built-in defaults") : config.file) +
                            ": they keep what they have, and no change reaches them. Add it under `providers:`, then: "
                            "systemctl reload dso-agent");
}

}  // namespace dso
