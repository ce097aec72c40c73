// The merge that the engine does between image and user, done beforehand because dso-init has to stand in front of its result.
#include "logic/container_spec.h"

namespace dso {

StartCommand effective_start(const ImageConfig& image, const std::optional<std::vector<std::string>>& user_entrypoint,
                             const std::optional<std::vector<std::string>>& user_command) {
  StartCommand out;
  if (user_command) out.command = *user_command;
  const bool entrypoint_has_words = user_entrypoint && !user_entrypoint->empty();
  if (!entrypoint_has_words && out.command.empty()) out.command = image.command;
  out.entrypoint = user_entrypoint ? *user_entrypoint : image.entrypoint;
  if (out.entrypoint.size() == 1 && out.entrypoint[0].empty()) out.entrypoint.clear();
  return out;
}

bool has_shim(const StartCommand& start) {
  return !start.entrypoint.empty() && start.entrypoint[0] == kShim;
}

Result<StartCommand> with_shim(const StartCommand& start) {
  if (has_shim(start)) return start;
  if (start.entrypoint.empty() && start.command.empty())
    return Error{ErrorClass::invalid_request,
                 "Cannot put dso-init in front of the container's command",
                 "neither the image nor the call has an entrypoint or a command",
                 "Give a command, or deliver the secret as a file (inject: file).",
                 {},
                 {},
                 {},
                 {}};
  StartCommand out = start;
  out.entrypoint.insert(out.entrypoint.begin(), kShim);
  return out;
}

StartCommand without_shim(const StartCommand& start) {
  StartCommand out = start;
  if (has_shim(out)) out.entrypoint.erase(out.entrypoint.begin());
  return out;
}

}  // namespace dso
