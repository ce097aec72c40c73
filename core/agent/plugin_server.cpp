// The routes of the plugin socket. Errors go into `Err` with status 200, which is where every version of the engine looks.
#include "agent/plugin_server.h"

#include <fcntl.h>

#include <cerrno>
#include <functional>
#include <map>

#include "agent/fair_limits.h"
#include "base/file.h"
#include "base/log.h"
#include "logic/plugin_protocol.h"
#include "logic/swarm_plan.h"

namespace dso {
namespace {

/// The engine gives a secret driver no limit of its own.
constexpr std::chrono::seconds kSecretDeadline{30};
/// Options and labels, nothing longer.
constexpr std::size_t kMaxPluginBody = 256 * 1024;
constexpr int kMaxPluginConnections = 64;

using Answer = Result<SecretBuffer>;

SecretBuffer buffer(std::string_view text) {
  return SecretBuffer(text.begin(), text.end());
}
Answer done(const Result<void>& result) {
  if (result.has_error()) return result.error();
  return buffer(R"({"Err":""})");
}

class Plugin {
 public:
  Plugin(const Sources& sources, ReadCache& cache, Volumes& volumes, SwarmServed& served, const PeerFinder& peers, ReadLog& reads)
      : sources_(sources), cache_(cache), volumes_(volumes), served_(served), peers_(peers), reads_(reads) {}

  ServerResponse respond(const ServerRequest& request) const {
    ServerResponse response;
    response.content_type = "application/vnd.docker.plugins.v1.2+json";
    if (const auto admitted = admit(request); admitted.has_error()) {
      response.status = 403;
      response.body = buffer(plugin_error_answer(admitted.error()));
      return response;
    }
    if (request.method != "POST") return refuse(405, "the plugin protocol has POST requests only");
    const auto call = calls().find(request.target);
    if (call == calls().end()) return refuse(404, "there is no " + request.target);
    auto body = parse_plugin_request(view(request.body));
    Answer answer = body.has_value() ? call->second(*this, *body, request.stop) : Answer(body.error());
    response.body = answer.has_value() ? std::move(*answer) : buffer(plugin_error_answer(answer.error()));
    if (answer.has_error() && request.target != kGet)  // the engine looks for a volume before it makes it
      log::error("Agent", "The engine asked " + request.target.substr(1) + ": " + render(answer.error()));
    return response;
  }

 private:
  using Call = std::function<Answer(const Plugin&, const PluginRequest&, std::stop_token)>;
  static constexpr std::string_view kGet = "/VolumeDriver.Get";

  static const std::map<std::string, Call>& calls() {
    static const std::map<std::string, Call> table = {
        {"/Plugin.Activate", [](const Plugin&, const PluginRequest&, auto) { return buffer(plugin_manifest()); }},
        {"/SecretProvider.GetSecret", [](const Plugin& p, const PluginRequest& r, auto s) { return p.secret(r, s); }},
        {"/VolumeDriver.Capabilities",
         [](const Plugin&, const PluginRequest&, auto) { return buffer(plugin_capabilities_answer()); }},
        {"/VolumeDriver.Create",
         [](const Plugin& p, const PluginRequest& r, auto) { return done(p.volumes_.create(r.name, r.options)); }},
        {"/VolumeDriver.Remove",
         [](const Plugin& p, const PluginRequest& r, auto s) { return done(p.volumes_.remove(r.name, s)); }},
        {"/VolumeDriver.Mount",
         [](const Plugin& p, const PluginRequest& r, auto s) { return mountpoint(p.volumes_.mount(r.name, r.id, s)); }},
        {"/VolumeDriver.Unmount",
         [](const Plugin& p, const PluginRequest& r, auto) { return done(p.volumes_.unmount(r.name, r.id)); }},
        {"/VolumeDriver.Path", [](const Plugin& p, const PluginRequest& r, auto) { return p.path(r); }},
        {std::string(kGet), [](const Plugin& p, const PluginRequest& r, auto) { return p.volume(r); }},
        {"/VolumeDriver.List",
         [](const Plugin& p, const PluginRequest&, auto) { return buffer(plugin_volumes_answer(p.volumes_.list())); }},
    };
    return table;
  }

  struct Admitted {
    Result<void> verdict;
    std::string who;
  };
  /// Found out once a connection. Not kept: that the engine did not answer.
  Result<void> admit(const ServerRequest& request) const {
    if (const auto* kept = static_cast<const Admitted*>(request.kept->get())) {
      if (kept->verdict.has_error()) reads_.refused(kept->who, "the plugin socket", kept->verdict.error());
      return kept->verdict;
    }
    const auto peer = peers_.find(request.peer, Deadline::in(kIdentifyDeadline), request.stop);
    Result<void> verdict;
    if (peer.has_error()) verdict = peer.error();
    if (peer.has_value() && peer->identity.kind == PeerKind::container)
      verdict = make_error(ErrorClass::access_denied, "No container is answered here", "this socket is for the engine",
                           "A container reads its own secrets through the read socket.");
    const std::string who =
        peer.has_value() ? shown_peer(peer->identity) : "a process of uid " + std::to_string(request.peer.uid);
    const bool denied = verdict.has_error() && verdict.error().cls == ErrorClass::access_denied;
    if (denied) reads_.refused(who, "the plugin socket", verdict.error());
    if (verdict.has_value() || denied) *request.kept = std::make_shared<Admitted>(Admitted{verdict, who});
    return verdict;
  }

  static ServerResponse refuse(int status, const std::string& why) {
    ServerResponse response;
    response.status = status;
    response.body = buffer(plugin_error_answer(make_error(ErrorClass::invalid_request, "Cannot answer", why)));
    return response;
  }
  static Answer mountpoint(const Result<std::string>& path) {
    if (path.has_error()) return path.error();
    return buffer(plugin_mountpoint_answer(*path));
  }

  Answer secret(const PluginRequest& request, std::stop_token stop) const {
    DSO_TRY(const Reference wanted, reference_of(request, sources_.config()));
    const auto found = read(request, wanted.key, std::move(stop));
    ReadLog::count(found.has_value());
    if (found.has_error()) return found.error();
    const ReadCache::Reading& reading = *found;
    DSO_TRY(const SecretBytes value, plugin_value(reading.value->value, wanted.field));
    log::info("Agent", "Gave the secret '" + wanted.key.name + "' to the engine" +
                           (request.service_name.empty() ? "" : " for the service '" + request.service_name + "'") +
                           (reading.stale ? ": the last good value, which may be stale" : ""));
    return plugin_secret_answer(value);
  }
  /// The version that the Swarm secret is bound to for this service, else the present one. A store that no longer has that
  /// version gives the present one: a task that cannot start helps nobody.
  Result<ReadCache::Reading> read(const PluginRequest& request, const SecretKey& key, std::stop_token stop) const {
    const Deadline deadline = Deadline::in(kSecretDeadline);
    const std::string version = swarm_ask(request.secret_name, request.secret_labels, request.service_labels).version;
    if (!version.empty()) {
      auto bound = cache_.read_version(key, version, deadline, stop);
      if (bound.has_value() || is_transient(bound.error().cls)) return bound;
      log::warn("Agent", render(bound.error()) + " The task gets the present version instead of " + version);
    }
    auto present = cache_.read(key, {}, deadline, stop);
    if (present.has_value() && version.empty() && !present->value->value.version.empty())
      served_.note(request.secret_name, present->value->value.version);
    return present;
  }
  Answer path(const PluginRequest& request) const {
    DSO_TRY(const PluginVolume found, volumes_.get(request.name));
    return buffer(plugin_mountpoint_answer(found.mountpoint));
  }
  Answer volume(const PluginRequest& request) const {
    DSO_TRY(const PluginVolume found, volumes_.get(request.name));
    return buffer(plugin_volume_answer(found));
  }

  const Sources& sources_;
  ReadCache& cache_;
  Volumes& volumes_;
  SwarmServed& served_;
  const PeerFinder& peers_;
  ReadLog& reads_;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> start_plugin_server(const std::string& socket_path, int lent, const Sources& sources,
                                                        ReadCache& cache, Volumes& volumes, SwarmServed& served,
                                                        const PeerFinder& peers, ReadLog& reads) {
  HttpServer::Limits limits = fair_limits("the plugin socket", kMaxPluginConnections, peers);
  limits.max_body = kMaxPluginBody;
  const auto respond = [plugin = Plugin(sources, cache, volumes, served, peers, reads)](const ServerRequest& request) {
    return plugin.respond(request);
  };
  if (lent >= 0) {
    UniqueFd own(fcntl(lent, F_DUPFD_CLOEXEC, 3));
    if (!own) return io_error("Cannot serve " + socket_path, errno);
    return HttpServer::serve_unix(std::move(own), respond, limits);
  }
  if (const std::size_t slash = socket_path.rfind('/'); slash != std::string::npos && slash > 0)
    DSO_CHECK(make_folders(socket_path.substr(0, slash), 0755));
  return HttpServer::listen_unix(socket_path, 0600, respond, limits);
}

}  // namespace dso
