// GET /networks/<name>.
#include "docker/networks.h"

#include <boost/json/parse.hpp>

#include "docker/engine_connection.h"
#include "logic/json_reader.h"

namespace dso {

Result<NetworkBridge> parse_network_bridge(std::string_view text) {
  const std::string what = "Failed to read a network";
  boost::system::error_code failed;
  const boost::json::value json = boost::json::parse(text, failed);
  const auto* object = failed ? nullptr : json.if_object();
  if (!object) return make_error(ErrorClass::malformed, what, "it is no JSON object");
  std::optional<Error> error;
  const JsonReader network(object, "", error);
  NetworkBridge found{network.text("Name"), "", network.boolean("Internal", false)};
  const std::string id = network.text("Id"), driver = network.text("Driver");
  auto options = network.text_map("Options");
  if (error) return *error;
  if (driver != "bridge") return found;
  found.bridge = options["com.docker.network.bridge.name"];
  if (!found.bridge.empty()) return found;
  if (id.size() < 12) return make_error(ErrorClass::malformed, what, "it has no Id");
  found.bridge = "br-" + id.substr(0, 12);
  return found;
}

Result<SecretBuffer> Engine::get(const std::string& path, const std::string& what, const Deadline& d, std::stop_token s) const {
  DSO_TRY(HttpResponse answer, connection_->call({"GET", path, what}, d, s));
  return std::move(answer.body);
}

Result<NetworkBridge> network_bridge(const Engine& engine, const std::string& network, const Deadline& d, std::stop_token s) {
  const std::string what = "Failed to inspect network '" + network + "'";
  if (network.empty() || network == "." || network == ".." || network.find('/') != std::string::npos)
    return make_error(ErrorClass::invalid_request, what, "it is no network's name");
  DSO_TRY(const SecretBuffer answer, engine.get("/networks/" + percent_encode(network), what, d, s));
  auto bridge = parse_network_bridge(view(answer));
  if (bridge.has_error())
    return make_error(ErrorClass::engine_error, what, "the engine's answer cannot be read: " + bridge.error().cause);
  return bridge;
}

}  // namespace dso
