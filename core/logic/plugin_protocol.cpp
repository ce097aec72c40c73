// Requests are read leniently (other versions of the engine add members), answers have just what the engine reads.
#include "logic/plugin_protocol.h"

#include <boost/json.hpp>

#include "logic/base64.h"
#include "logic/json_reader.h"
#include "logic/secret_json.h"
#include "logic/text.h"
#include "model/swarm.h"

namespace dso {
namespace {

namespace json = boost::json;

std::string label_or(const PluginRequest& request, const char* name, const std::string& fallback) {
  auto it = request.secret_labels.find(name);
  return it == request.secret_labels.end() || it->second.empty() ? fallback : it->second;
}

json::object volume_json(const PluginVolume& v) {
  json::object o{{"Name", v.name}, {"Mountpoint", v.mountpoint}};
  if (!v.created_at.empty()) o["CreatedAt"] = v.created_at;
  return o;
}

}  // namespace

Result<PluginRequest> parse_plugin_request(std::string_view body) {
  PluginRequest out;
  if (trim(body).empty()) return out;
  json::error_code ec;
  const json::value root = json::parse({body.data(), body.size()}, ec);
  std::optional<Error> error;
  if (ec || !root.is_object()) return make_error(ErrorClass::malformed, "Cannot read the request", "it is no JSON object");
  const JsonReader r(&root.get_object(), "", error);
  out.name = r.text("Name");
  out.id = r.text("ID");
  out.options = r.text_map("Opts");
  out.secret_name = r.text("SecretName");
  out.service_name = r.text("ServiceName");
  out.secret_labels = r.text_map("SecretLabels");
  out.service_labels = r.text_map("ServiceLabels");
  if (error) return *std::move(error);
  return out;
}

Result<Reference> reference_of(const PluginRequest& request, const Config& config) {
  const std::string text = label_or(request, label::kSwarmSecret, request.secret_name);
  if (text.empty())
    return make_error(ErrorClass::usage, "Cannot tell which secret is meant", "the request has neither a name nor a label",
                      "Name it: docker secret create --driver dso --label dso.secret=myapp/db NAME.");
  auto reference = parse_reference(text, config);
  if (reference.has_error()) {
    Error e = reference.error();
    e.next = "Correct the label dso.secret of the secret '" + printable(request.secret_name) + "'. " + e.next;
    return e;
  }
  reference->field = label_or(request, label::kSwarmField, reference->field);
  return reference;
}

Result<SecretBytes> plugin_value(const SecretValue& value, const std::string& field) {
  if (!field.empty()) return select_field(value, field);
  if (value.fields.size() == 1) return value.fields[0].value.clone();
  std::string names;
  for (const SecretField& f : value.fields) names += (names.empty() ? "'" : ", '") + f.name + "'";
  return make_error(ErrorClass::config, "Cannot give the secret '" + value.name + "' as one value",
                    value.fields.empty() ? "it has no fields" : "it has the fields " + names,
                    "Say which one: docker secret create --driver dso --label dso.field=FIELD.");
}

std::string plugin_manifest() {
  return R"({"Implements":["secretprovider","VolumeDriver"]})";
}

Result<SecretBuffer> plugin_secret_answer(const SecretBytes& value) {
  constexpr std::size_t kMost = 500 * 1024;
  if (value.size() == 0 || value.size() > kMost)
    return make_error(
        ErrorClass::invalid_request, "Cannot give the value to Swarm",
        value.size() == 0 ? "it is empty, which Swarm takes for no secret"
                          : "it has " + std::to_string(value.size()) + " bytes, and Swarm takes at most 512000",
        value.size() == 0 ? "Put a value into the store." : "Give it to the tasks by the read socket, or keep it smaller.");
  SecretBuffer out;
  out.reserve(value.size() * 4 / 3 + 64);
  append(out, R"({"Value":")");
  append_base64(out, value.reveal());
  append(out, R"(","DoNotReuse":true})");
  return out;
}

std::string plugin_error_answer(const Error& error) {
  return json::serialize(json::object{{"Err", render(error)}});
}

std::string plugin_volume_answer(const PluginVolume& volume) {
  return json::serialize(json::object{{"Volume", volume_json(volume)}, {"Err", ""}});
}

std::string plugin_volumes_answer(const std::vector<PluginVolume>& volumes) {
  json::array list;
  for (const PluginVolume& v : volumes) list.push_back(volume_json(v));
  return json::serialize(json::object{{"Volumes", std::move(list)}, {"Err", ""}});
}

std::string plugin_mountpoint_answer(const std::string& mountpoint) {
  return json::serialize(json::object{{"Mountpoint", mountpoint}, {"Err", ""}});
}

std::string plugin_capabilities_answer() {
  return R"({"Capabilities":{"Scope":"local"}})";
}

}  // namespace dso
