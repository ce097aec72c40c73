// One route; statuses as HTTP has them: 403 for what is not the caller's (there or not), 404 for what is not there.
#include "agent/read_server.h"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "agent/fair_limits.h"
#include "base/file.h"
#include "logic/read_request.h"

namespace dso {
namespace {

constexpr int kMaxConnections = 256;
constexpr std::size_t kMaxReadBody = 1024;  // a GET has none

ServerResponse refusal(int status, const Error& error) {
  ServerResponse response;
  response.status = status;
  append(response.body, boost::json::serialize(boost::json::value{{"message", render(error)}}));
  response.body.push_back('\n');
  return response;
}

int status_of(ErrorClass cls) {
  switch (cls) {
    case ErrorClass::access_denied: return 403;
    case ErrorClass::not_found:
    case ErrorClass::version_not_found:
    case ErrorClass::deleted: return 404;
    case ErrorClass::usage:
    case ErrorClass::invalid_request: return 400;
    default: return 503;
  }
}

}  // namespace

/// What is known of a connection's other end.
struct SecretReader::Caller {
  std::optional<Error> refused;
  PeerIdentity identity;
  std::string who;  ///< For the log.
  std::vector<SecretKey> own;
  const Config* by = nullptr;  ///< What `own` was found by; another config may give it others.
  mutable ReadLog::Last last;  ///< A connection has one request at a time.
};

/// Kept with the connection, a refusal too. Not kept: that the engine did not answer.
std::shared_ptr<const SecretReader::Caller> SecretReader::caller_of(const ServerRequest& request) const {
  const Config& config = sources_.config();
  if (*request.kept)
    if (auto kept = std::static_pointer_cast<const Caller>(*request.kept); kept->by == &config) return kept;
  auto caller = std::make_shared<Caller>();
  caller->by = &config;
  auto peer = peers_.find(request.peer, Deadline::in(kIdentifyDeadline), request.stop);
  if (peer.has_error()) {
    caller->refused = peer.error();
    caller->who = "a process of uid " + std::to_string(request.peer.uid);
  } else {
    caller->identity = peer->identity;
    caller->who = shown_peer(peer->identity);
    if (peer->identity.kind == PeerKind::container) {
      auto own = secrets_of_container(store_, config, peer->container);
      if (own.has_error()) caller->refused = own.error();
      if (own.has_value()) caller->own = std::move(*own);
    }
  }
  if (!caller->refused || caller->refused->cls == ErrorClass::access_denied) *request.kept = caller;
  return caller;
}

std::optional<ServerResponse> SecretReader::respond_to_container(const ServerRequest& request) const {
  const auto caller = caller_of(request);
  if (!caller->refused && caller->identity.kind == PeerKind::host) return std::nullopt;
  return answer(request, *caller);
}

ServerResponse SecretReader::respond(const ServerRequest& request) const {
  return answer(request, *caller_of(request));
}

/// A name that a client sends may be anything, a value by mistake: it is shown if it is one that we know.
std::string SecretReader::shown_secret(const std::string& name) const {
  std::vector<SecretKey> known;
  for (const SecretConfig& secret : sources_.config().secrets) known.push_back({secret.provider, secret.name});
  bool shown = !named_secrets(known, name).empty();
  for (const ProviderInstance& instance : sources_.config().providers) {
    const bool whole = name.starts_with(instance.name + "/");  // PROVIDER/NAME
    shown = shown || cache_.has({instance.name, name}) ||
            (whole && cache_.has({instance.name, name.substr(instance.name.size() + 1)}));
  }
  return shown ? "the secret '" + name + "'" : "a secret whose name is not known here";
}

ServerResponse SecretReader::refuse(int status, const Caller& caller, const std::string& what, const Error& error) const {
  status == 503 ? reads_.failed(caller.who, what, error) : reads_.refused(caller.who, what, error);
  return refusal(status, error);
}

ServerResponse SecretReader::answer(const ServerRequest& request, const Caller& caller) const {
  if (caller.refused) return refuse(status_of(caller.refused->cls), caller, "secrets", *caller.refused);
  if (caller.identity.kind != PeerKind::container) {
    const Error error = make_error(ErrorClass::access_denied, "No secrets are given to processes of the host",
                                   "this socket is for containers", "On the host: dso fetch NAME.");
    // Who asks for no secret looks whether somebody answers (`dso doctor`).
    return secret_of_target(request.target).has_error() ? refusal(403, error) : refuse(403, caller, "secrets", error);
  }
  const auto name = secret_of_target(request.target);
  if (name.has_error() || request.method != "GET") {
    reads_.refused(caller.who, "what is no secret", make_error(ErrorClass::usage, "", "containers have GET /v1/secrets/NAME"));
    return name.has_error() ? refusal(name.error().cls == ErrorClass::not_found ? 404 : 400, name.error())
                            : refusal(405, make_error(ErrorClass::invalid_request, "Secrets can be read only", "use GET"));
  }
  const auto keys = named_secrets(caller.own, *name);
  const bool by_labels = sources_.config().agent.read_labels;
  if (keys.empty())
    return refuse(403, caller, shown_secret(*name),
                  make_error(ErrorClass::access_denied, "This container may not read that secret",
                             by_labels ? "it is not among those that its labels, its config or its volumes name"
                                       : "it is not among those that the config names for it (agent.read: labels: false)",
                             by_labels ? "Give the container the label dso.secrets (not its image), or deliver the secret to it."
                                       : "Name the container in the secret's targets."));
  if (keys.size() > 1)
    return refuse(400, caller, "the secret '" + *name + "'",
                  make_error(ErrorClass::usage, "Cannot tell which secret is meant", "several providers have one",
                             "Put the provider before the name: PROVIDER/NAME."));
  const ProviderInstance* instance = sources_.config().find_provider(keys[0].instance);
  const auto limit = instance ? instance->timeout * 4 : std::chrono::milliseconds(kIdentifyDeadline);
  const auto reading = cache_.read(keys[0], sources_.config().agent.polling_interval, Deadline::in(limit), request.stop);
  if (reading.has_error()) {
    reads_.failed(caller.who, "the secret '" + keys[0].instance + "/" + keys[0].name + "'", reading.error());
    return refusal(status_of(reading.error().cls), reading.error());
  }
  reads_.given(caller.who, keys[0], reading->value->value.version, caller.last);
  ServerResponse response;
  response.shared_body = std::shared_ptr<const SecretBuffer>(reading->value, &reading->value->answer);
  return response;
}

Result<std::unique_ptr<HttpServer>> start_read_server(const std::string& folder, const SecretReader& reader) {
  DSO_CHECK(make_own_folder(folder, 0755));
  HttpServer::Limits limits = fair_limits("the read socket", kMaxConnections, reader.peers());
  limits.kept_for_root = 0;  // of the host nobody is answered here
  limits.max_body = kMaxReadBody;
  return HttpServer::listen_unix(
      folder + "/dso.sock", 0666, [&reader](const ServerRequest& request) { return reader.respond(request); }, limits);
}

}  // namespace dso
