// By the id that an engine has for as long as its data, since two sockets may lead to one, and by the place of its socket. The
// note is as short-lived as the secrets.
#include "agent/run_dir_engine.h"

#include "base/file.h"
#include "base/path.h"
#include "logic/docker_tree.h"
#include "logic/text.h"

namespace dso {

Result<void> claim_run_dir(const Engine& engine, const TmpfsStore& store, const Deadline& deadline, std::stop_token stop) {
  const auto info = engine.get("/info", "Failed to ask the engine for its settings", deadline, std::move(stop));
  if (info.has_error()) return {};
  const auto id = docker_tree::read_object<std::string>(view(*info), {}, [](const JsonReader& r) { return r.text("ID"); });
  if (id.has_error() || id->empty()) return {};
  const std::string run_dir = store.paths().run_dir, file = run_dir + "/engine";
  const auto read = read_text_file(file, 4096);
  const std::string noted = read.has_value() ? *read : std::string();
  if (noted.starts_with(*id + "\n")) return {};
  const std::string socket(trim(noted.substr(std::min(noted.find('\n'), noted.size()))));
  // one that was made anew in the same place, or upgraded, may call itself otherwise
  if (noted.empty() || is_same_file(socket, engine.socket_path()) || store.list().empty())
    return replace_file(file, *id + "\n" + engine.socket_path() + "\n", 0600);
  return make_error(
      ErrorClass::config, "Cannot use the engine at " + engine.socket_path(),
      "the secrets in " + run_dir + " are of containers of another engine, at " + printable(socket) + ", and would be wiped",
      "Use that one, or give this one folders of its own: DSO_RUN_DIR and DSO_STATE_DIR. If it is gone for good, remove " + file +
          ".");
}

}  // namespace dso
