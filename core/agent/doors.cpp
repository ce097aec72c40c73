// Opens what can be opened.
#include "agent/doors.h"

#include "agent/deliver.h"
#include "agent/metrics_server.h"
#include "agent/plugin_server.h"
#include "base/log.h"

namespace dso {
namespace {

std::unique_ptr<HttpServer> or_warn(Result<std::unique_ptr<HttpServer>> server, const char* without) {
  if (server.has_value()) return std::move(*server);
  log::warn("Agent", render(server.error()) + " " + without);
  return nullptr;
}

}  // namespace

Doors::Doors(const Paths& paths, int lent_plugin, Sources& sources, TmpfsStore& store, const Engine& engine)
    : peers(engine),
      cache([&sources](const SecretKey& key, const std::string& version, const Deadline& d, std::stop_token stop) {
        auto value = fetch_one(sources, key, version, d, std::move(stop));
        if (value.has_value()) keep_lease(sources, key, d);
        return value;
      }),
      volumes(sources, store, engine),
      reader(sources, cache, store, peers, reads) {
  if (!paths.plugin_socket.empty())
    plugin = or_warn(start_plugin_server(paths.plugin_socket, lent_plugin, sources, cache, volumes, served, peers, reads),
                     "The engine finds no secret driver and no volume driver of DSO");
  read = or_warn(start_read_server(paths.read_folder(), reader), "Containers cannot read their secrets through a socket");
  if (const std::string& address = sources.config().agent.metrics_listen; !address.empty())
    metrics = or_warn(start_metrics_server(address), "There are no metrics");
}

}  // namespace dso
