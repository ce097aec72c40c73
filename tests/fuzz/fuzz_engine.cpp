// JSON of the engine and of Compose: whatever a newer or a broken one answers is read or refused, and a container that can be
// read can be cloned or is refused with a reason.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "logic/clone_spec.h"
#include "logic/compose_model.h"
#include "logic/compose_values.h"
#include "logic/container_list.h"
#include "logic/docker_json.h"
#include "logic/plugin_protocol.h"
#include "logic/swarm_json.h"
#include "logic/text.h"

namespace {

template <class T>
void read(const dso::Result<T>& result) {
  if (result.has_error() && dso::has_control(dso::render(result.error()))) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dso;
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  read(parse_container_inspect(json));
  read(parse_container_list(json));
  read(parse_image_inspect(json));
  read(parse_event(json));
  read(parse_exec_exit(json));
  (void)parse_engine_message(json);
  (void)parse_rfc3339_ms(json);
  std::vector<std::string> unread;
  read(parse_swarm_secrets(json, unread));
  read(parse_swarm_services(json, unread));
  read(parse_swarm_tasks(json, unread));
  read(parse_swarm_index(json));
  read(swarm_update_body(json, {{"old", {.id = "new", .name = "db.2"}}}));
  read(parse_plugin_request(json));
  read(parse_compose_model(json));
  read(compose_values(json));
  read(unexpected_change(json, json, {}, {}));
  const auto container = parse_container_inspect(json);
  const Container c = container.has_value() ? *container : Container();
  for (const CloneAs as : {CloneAs::candidate, CloneAs::stand_in, CloneAs::final, CloneAs::sole}) {
    const auto clone =
        clone_spec({c, json}, {.as = as, .scope_id = "s.2", .mounts = {}, .labels = {{"dso.role", "candidate"}}, .sign = {}});
    read(clone);
    // what the engine is then asked for is read again, by the engine
    if (clone.has_value()) read(parse_container_inspect(view(clone->body)));
  }
  read(alias_steps({c, json}, {c, json}));
  return 0;
}
