// The engine's calls about a container's own layer.
#include "docker/engine.h"
#include "docker/engine_call.h"
#include "docker/engine_connection.h"

namespace dso {

using engine_call::container_path;
using engine_call::named;

Result<std::vector<LayerChange>> Engine::layer_changes(const std::string& id, const Deadline& d, std::stop_token s) const {
  const std::string what = "Failed to see what container '" + id + "' has written";
  DSO_TRY(const std::string path, container_path(id, what));
  DSO_TRY(const HttpResponse answer, connection_->call({"GET", path + "/changes", what}, d, s));
  return named(what, parse_layer_changes(view(answer.body)));
}

Result<LayerEntry> Engine::layer_entry(const std::string& id, const std::string& entry, const Deadline& d,
                                       std::stop_token s) const {
  const std::string what = "Failed to look at '" + entry + "' in container '" + id + "'";
  DSO_TRY(const std::string path, container_path(id, what));
  DSO_TRY(const HttpResponse answer, connection_->call({"HEAD", path + "/archive?path=" + percent_encode(entry), what}, d, s));
  return named(what, parse_layer_entry(answer.header("x-docker-container-path-stat")));
}

Result<SecretBuffer> Engine::get_file(const std::string& id, const std::string& file, const Deadline& d,
                                      std::stop_token s) const {
  const std::string what = "Failed to copy '" + file + "' out of container '" + id + "'";
  DSO_TRY(const std::string path, container_path(id, what));
  return get(path + "/archive?path=" + percent_encode(file), what, d, std::move(s));
}

Result<void> Engine::put_file(const std::string& id, const SecretBuffer& archive, const Deadline& d, std::stop_token s) const {
  const std::string what = "Failed to copy a file into container '" + id + "'";
  DSO_TRY(const std::string path, container_path(id, what));
  EngineConnection::Call call{"PUT", path + "/archive?path=%2F&noOverwriteDirNonDir=true", what, archive, "application/x-tar"};
  DSO_CHECK(connection_->call(call, d, s));
  return {};
}

}  // namespace dso
