// The look before, and the words after.
#include "agent/rotate.h"

#include "agent/reload_target.h"
#include "agent/rollback.h"

namespace dso {
namespace {

constexpr std::chrono::seconds kEngineDeadline{15};

std::string cannot(const std::string& name) {
  return "Cannot rotate '" + name + "'";
}

}  // namespace

Result<RotationAsked> may_rotate(const ReloadTools& tools, const std::string& name, std::stop_token stop) {
  DSO_TRY(const Container c, tools.engine.inspect(name, Deadline::in(kEngineDeadline), stop));
  const std::string scope = c.label_or(label::kScope);
  if (scope.empty())
    return make_error(ErrorClass::not_found, cannot(c.name), "DSO delivers no secret to it",
                      "Start it with `dso run` or `dso up`.");
  if (!c.opted_in())
    return make_error(ErrorClass::invalid_request, cannot(c.name), "it did not opt in",
                      "Create it with the label dso.reloader=true; DSO touches no other container.");
  if (c.state != "running") return make_error(ErrorClass::invalid_request, cannot(c.name), "it does not run", "Start it first.");
  return RotationAsked{c.name, scope};
}

Result<std::string> rotation_told(const RotationAsked& asked, const ReconcileResult& result) {
  if (result.held_back)
    return make_error(ErrorClass::invalid_request, cannot(asked.name), "the store still has the value that was rolled back",
                      "Store another one.");
  if (result.error && (result.failed || result.content.empty())) {  // else it was told and came right
    Error e = *result.error;
    e.cause = (e.what.empty() ? "" : e.what + ": ") + e.cause;
    e.what = cannot(asked.name);
    return e;
  }
  if (result.failed)
    return make_error(ErrorClass::unhealthy, cannot(asked.name),
                      "it did not get healthy with the new value, and keeps the last good secret",
                      "See what it said: dso logs --container " + asked.name + ".");
  if (result.content.empty())
    return make_error(ErrorClass::not_found, cannot(asked.name), "its secrets are not on tmpfs here",
                      "After a reboot the agent brings them back; see its log.");
  if (result.brought.empty() && result.changed.empty()) return "'" + asked.name + "' has what the stores have: nothing to do";
  if (result.brought.empty()) return "The files of '" + asked.name + "' have the new value of " + quoted_names(result.changed);
  std::string names;
  for (const std::string& name : result.brought) names += (names.empty() ? "'" : ", '") + name + "'";
  return names + (result.brought.size() == 1 ? " has" : " have") + " the present value of its secrets" +
         (result.changed.empty() ? std::string() : ": " + quoted_names(result.changed) + " changed");
}

}  // namespace dso
