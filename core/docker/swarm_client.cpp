// One function a call; what a failure was about is in its error.
#include "docker/swarm_client.h"

#include "docker/engine_call.h"
#include "docker/engine_connection.h"
#include "logic/docker_json.h"

namespace dso {
namespace {

using engine_call::named;
using engine_call::post;

template <class Parse>
auto get(EngineConnection& connection, const std::string& target, const std::string& what, const Deadline& d,
         const std::stop_token& s, const Parse& parse) -> decltype(parse(std::string_view())) {
  DSO_TRY(const HttpResponse answer, connection.call({"GET", target, what}, d, s));
  return named(what, parse(dso::view(answer.body)));
}

}  // namespace

SwarmClient::SwarmClient(std::string socket_path) : connection_(std::make_shared<EngineConnection>(std::move(socket_path))) {}

Result<SwarmNode> SwarmClient::self(const Deadline& d, std::stop_token s) const {
  const std::string what = "Failed to ask for this node's part in the Swarm";
  DSO_TRY(const std::string id, get(*connection_, "/info", what, d, s, parse_swarm_node_id));
  if (id.empty()) return SwarmNode{};
  return get(*connection_, "/nodes/" + percent_encode(id), what, d, s, parse_swarm_node);
}

Result<SwarmView> SwarmClient::view(const Deadline& d, std::stop_token s) const {
  SwarmView out;
  // Tasks last: what a service began to use in between is in use then.
  const auto list = [&](const std::string& target, const std::string& kind, auto parse) {
    const std::size_t before = out.unread.size();
    auto read = get(*connection_, target, "Failed to list the Swarm's " + kind, d, s,
                    [&](std::string_view text) { return parse(text, out.unread); });
    for (std::size_t i = before; i < out.unread.size(); ++i) out.unread[i] = kind + out.unread[i];
    return read;
  };
  DSO_TRY(out.secrets, list("/secrets", "secrets", parse_swarm_secrets));
  DSO_TRY(out.services, list("/services?status=false", "services", parse_swarm_services));
  DSO_TRY(out.tasks, list("/tasks", "tasks", parse_swarm_tasks));
  return out;
}

Result<std::string> SwarmClient::create_secret(const std::string& name, const std::string& driver,
                                               const std::map<std::string, std::string>& labels, const Deadline& d,
                                               std::stop_token s) const {
  const std::string what = "Failed to create the Swarm secret '" + name + "'";
  DSO_TRY(const HttpResponse answer,
          connection_->call(post("/secrets/create", what, swarm_secret_body(name, driver, labels)), d, s));
  // {"ID": …}, where containers have "Id"
  return named(what, parse_swarm_created_id(dso::view(answer.body)));
}

Result<void> SwarmClient::set_labels(const SwarmSecret& secret, const Deadline& d, std::stop_token s) const {
  const std::string what = "Failed to label the Swarm secret '" + secret.name + "'";
  const std::string target = "/secrets/" + percent_encode(secret.id) + "/update?version=" + std::to_string(secret.index);
  DSO_CHECK(connection_->call(post(target, what, swarm_labels_body(secret)), d, s));
  return {};
}

Result<void> SwarmClient::remove_secret(const std::string& id, const Deadline& d, std::stop_token s) const {
  auto answer =
      connection_->call({"DELETE", "/secrets/" + percent_encode(id), "Failed to remove the Swarm secret '" + id + "'"}, d, s);
  if (answer.has_error() && answer.error().cls != ErrorClass::not_found) return answer.error();
  return {};
}

Result<void> SwarmClient::update_service(const std::string& id,
                                         const std::function<Result<SecretBuffer>(std::string_view)>& body_of, const Deadline& d,
                                         std::stop_token s, const std::string& how) const {
  const std::string what = "Failed to update the Swarm service '" + id + "'", path = "/services/" + percent_encode(id);
  DSO_TRY(const HttpResponse seen, connection_->call({"GET", path, what}, d, s));
  DSO_TRY(const std::uint64_t index, named(what, parse_swarm_index(dso::view(seen.body))));
  DSO_TRY(const SecretBuffer body, named(what, body_of(dso::view(seen.body))));
  DSO_CHECK(connection_->call(post(path + "/update?version=" + std::to_string(index) + how, what, dso::view(body)), d, s));
  return {};
}

Result<void> SwarmClient::move_service(const std::string& id, const std::map<std::string, SwarmMove>& moves, const Deadline& d,
                                       std::stop_token s) const {
  return update_service(
      id, [&moves](std::string_view service) { return swarm_update_body(service, moves); }, d, std::move(s));
}

Result<void> SwarmClient::go_back(const std::string& id, const Deadline& d, std::stop_token s) const {
  return update_service(
      id, [](std::string_view service) { return swarm_same_body(service); }, d, std::move(s), "&rollback=previous");
}

Result<void> SwarmClient::give_settings_back(const std::string& id, const Deadline& d, std::stop_token s) const {
  return update_service(
      id, [](std::string_view service) { return swarm_owners_body(service); }, d, std::move(s));
}

}  // namespace dso
