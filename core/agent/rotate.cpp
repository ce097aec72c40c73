// The look before, and the words after.
#include "agent/rotate.h"

#include <algorithm>

#include "agent/deadlines.h"
#include "agent/reload_target.h"
#include "agent/volume_users.h"
#include "logic/mounted_scopes.h"
#include "logic/own_labels.h"

namespace dso {
namespace {

std::string cannot(const std::string& name) {
  return "Cannot rotate '" + name + "'";
}

std::string did_not_opt_in(const Container& c) {
  return std::string("it did not opt in") + (is_of_image(c, label::kReloader) ? ": " + labels_that_do_not_count(c) : "");
}
std::string how_to_opt_in(const Container& c) {
  if (is_of_image(c, label::kReloader)) return label_cure(c);
  return "Create it with the label dso.reloader=true; DSO touches no other container.";
}

}  // namespace

Result<RotationAsked> may_rotate(const ReloadTools& tools, const std::string& name, std::stop_token stop) {
  const Deadline deadline = Deadline::in(kEngineDeadline);
  DSO_TRY(const Container c, tools.engine.inspect(name, deadline, stop));
  RotationAsked out{c.name, {}};
  const auto scopes = mounted_scopes(c, tools.store.paths().secrets_dir());
  if (c.opted_in()) out.scope_ids = scopes;
  for (const ScopeState& volume : volumes_of_container(tools.store, c)) out.scope_ids.push_back(volume.scope.id);
  if (scopes.empty() && out.scope_ids.empty())
    return make_error(ErrorClass::not_found, cannot(c.name), "DSO delivers no secret to it",
                      "Start it with `dso run` or `dso up`.");
  if (out.scope_ids.empty()) return make_error(ErrorClass::invalid_request, cannot(c.name), did_not_opt_in(c), how_to_opt_in(c));
  return out;
}

Result<std::string> rotation_told(const std::string& name, const ReconcileResult& result) {
  if (result.held_back)
    return make_error(ErrorClass::invalid_request, cannot(name), "the store still has the value that was rolled back",
                      "Store another one.");
  if (result.error && (result.failed || result.content.empty())) {  // else it was told and came right
    Error e = *result.error;
    e.cause = (e.what.empty() ? "" : e.what + ": ") + e.cause;
    e.what = cannot(name);
    return e;
  }
  if (result.failed)
    return make_error(ErrorClass::unhealthy, cannot(name),
                      "it did not get healthy with the new value, and keeps the last good secret",
                      "See what it said: dso logs --container " + name + ".");
  if (result.content.empty() && !result.later.empty())
    return make_error(ErrorClass::invalid_request, cannot(name), "it is paused",
                      "It is told when it runs again: docker unpause " + name + ".");
  if (result.content.empty())
    return make_error(ErrorClass::not_found, cannot(name), "its secrets are not on tmpfs here",
                      "After a reboot the agent brings them back; see its log.");
  const auto is_it = [&](const std::vector<std::string>& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  const std::string its_state = is_it(result.not_there) ? "; it does not run, and starts with that"
                                : is_it(result.later)   ? "; it is paused, and told when it runs again"
                                                        : "";
  if (result.brought.empty() && result.changed.empty()) return std::string();
  if (result.brought.empty())
    return "The files of '" + name + "' have the new value of " + quoted_names(result.changed) + its_state;
  std::string names;
  for (const std::string& each : result.brought) names += (names.empty() ? "'" : ", '") + each + "'";
  return names + (result.brought.size() == 1 ? " has" : " have") + " the present value of its secrets" +
         (result.changed.empty() ? std::string() : ": " + quoted_names(result.changed) + " changed");
}

}  // namespace dso
