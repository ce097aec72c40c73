// Members as of API 1.41 (docs.docker.com, Engine API): Spec.TaskTemplate.ContainerSpec.Secrets, UpdateStatus, Version.Index.
#include "logic/swarm_json.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "logic/docker_json.h"
#include "logic/docker_tree.h"
#include "logic/json_list.h"
#include "logic/json_steps.h"
#include "logic/secret_json.h"
#include "logic/secret_json_text.h"
#include "model/container.h"

namespace dso {
namespace {

namespace json = boost::json;
using docker_tree::malformed;
using json_steps::object_in;
using json_steps::object_made;

/// A list of objects, each read by `read`. One that cannot be read is left out, and why goes to `unread`; where none can, it is
/// the list that cannot.
template <class T, class Read>
Result<std::vector<T>> read_list(std::string_view text, std::vector<std::string>& unread, const Read& read) {
  std::vector<T> out;
  std::vector<std::string> bad;
  bool any = false;
  JsonListReader reader([&](const JsonListReader::Element& e) {
    const std::string index = "[" + std::to_string(e.index) + "]";
    docker_tree::WipedTree tree(e.text.size());
    const auto value = docker_tree::parse_json(e.text, tree.storage());
    const json::object* const object = value.has_value() ? value->if_object() : nullptr;
    if (value.has_error()) return bad.push_back(index + ": " + value.error().cause);
    if (!object) return bad.push_back(index + " is not an object");
    if (!e.left_out.empty()) return bad.push_back(index + "." + e.left_out.front() + " makes it longer than 4 MiB");
    std::optional<Error> error;
    std::vector<T> one;
    read(JsonReader(object, index, error), one);
    if (error) return bad.push_back(error->cause);
    any = true;
    for (T& t : one) out.push_back(std::move(t));
  });
  reader.feed(text);
  DSO_CHECK(reader.finish());
  if (!any && !bad.empty()) return malformed(bad.front());
  unread.insert(unread.end(), bad.begin(), bad.end());
  return out;
}

std::int64_t time_or_zero(const JsonReader& r, std::string_view key) {
  return parse_rfc3339_ms(r.text(key)).value_or(0);
}

std::vector<std::string> secret_ids(const JsonReader& task_template) {
  std::vector<std::string> out;
  task_template.child("ContainerSpec").each("Secrets", [&](const JsonReader& s) {
    out.push_back(docker_tree::required(s, "SecretID"));
  });
  return out;
}

json::object labels_object(const std::map<std::string, std::string>& labels) {
  json::object out;
  for (const auto& [key, value] : labels) out[key] = value;
  return out;
}

/// Two tasks at once would fight for a port of the host, for data, or for the place that a node has for one.
bool one_at_a_time(const json::object& spec) {
  if (const json::object* placement = object_in(object_in(&spec, "TaskTemplate"), "Placement"))
    if (const json::value* most = placement->if_contains("MaxReplicas");
        most && most->is_number() && most->to_number<double>() > 0)
      return true;
  if (const auto* labels = spec.if_contains("Labels"); labels && labels->is_object())
    if (const auto* exclusive = labels->get_object().if_contains(label::kExclusive);
        exclusive && exclusive->is_string() && exclusive->get_string() == "true")
      return true;
  const auto* endpoint = spec.if_contains("EndpointSpec");
  const auto* ports = endpoint && endpoint->is_object() ? endpoint->get_object().if_contains("Ports") : nullptr;
  if (!ports || !ports->is_array()) return false;
  for (const json::value& p : ports->get_array())
    if (p.is_object())
      if (const auto* mode = p.get_object().if_contains("PublishMode"); mode && mode->is_string() && mode->get_string() == "host")
        return true;
  return false;
}

constexpr const char* kOrder = "Order";
constexpr const char* kAction = "FailureAction";

struct UpdateParts {
  json::object &labels, &update;
};
/// Made where they are not there. Both are made before either is referred to: making moves what is beside.
UpdateParts labels_and_update(json::object& spec) {
  (void)object_made(spec, "Labels");
  (void)object_made(spec, "UpdateConfig");
  return {spec.at("Labels").get_object(), spec.at("UpdateConfig").get_object()};
}

/// Ours for the time of the update; the owner's go into a label, but where they are there already, from an update before.
void take_update_settings(json::object& spec) {
  const UpdateParts parts = labels_and_update(spec);
  json::object &labels = parts.labels, &update = parts.update;
  if (!update.contains("Parallelism")) update["Parallelism"] = 1;
  json::object owners;
  const auto set = [&](const char* key, const char* value) {
    const json::value* had = update.if_contains(key);
    if (had && had->is_string() && had->get_string() == value) return;
    owners[key] = had ? *had : json::value(nullptr);
    update[key] = value;
  };
  set(kAction, "rollback");
  if (one_at_a_time(spec)) set(kOrder, "stop-first");
  if (!owners.empty() && !labels.contains(label::kSwarmOwners)) labels[label::kSwarmOwners] = json::serialize(owners);
}

void give_update_settings_back(json::object& spec) {
  const UpdateParts parts = labels_and_update(spec);
  json::object &labels = parts.labels, &update = parts.update;
  const json::value* text = labels.if_contains(label::kSwarmOwners);
  const auto owners =
      docker_tree::parse_json(text && text->is_string() ? std::string_view(text->get_string()) : std::string_view(), {});
  labels.erase(label::kSwarmOwners);
  if (owners.has_error() || !owners->is_object()) return;
  const auto restore = [&](const char* key, const char* ours) {
    const json::value* had = owners->get_object().if_contains(key);
    const json::value* now = update.if_contains(key);
    if (!had || !now || !now->is_string() || now->get_string() != ours) return;
    if (had->is_string())
      update[key] = had->get_string();
    else
      update.erase(key);
  };
  restore(kAction, "rollback");
  restore(kOrder, "stop-first");
}

}  // namespace

Result<std::vector<SwarmSecret>> parse_swarm_secrets(std::string_view text, std::vector<std::string>& unread) {
  return read_list<SwarmSecret>(text, unread, [](const JsonReader& r, std::vector<SwarmSecret>& out) {
    SwarmSecret s;
    const JsonReader spec = r.child("Spec");
    s.id = docker_tree::required(r, "ID");
    s.name = docker_tree::required(spec, "Name");
    s.driver = spec.child("Driver").text("Name");
    s.index = static_cast<std::uint64_t>(r.child("Version").integer("Index"));
    s.labels = spec.text_map("Labels");
    s.created_at_ms = time_or_zero(r, "CreatedAt");
    out.push_back(std::move(s));
  });
}

Result<std::vector<SwarmService>> parse_swarm_services(std::string_view text, std::vector<std::string>& unread) {
  return read_list<SwarmService>(text, unread, [](const JsonReader& r, std::vector<SwarmService>& out) {
    SwarmService s;
    const JsonReader spec = r.child("Spec"), status = r.child("UpdateStatus");
    s.id = docker_tree::required(r, "ID");
    s.name = docker_tree::required(spec, "Name");
    s.index = static_cast<std::uint64_t>(r.child("Version").integer("Index"));
    s.labels = spec.text_map("Labels");
    s.secret_ids = secret_ids(spec.child("TaskTemplate"));
    s.secret_ids_before = secret_ids(r.child("PreviousSpec").child("TaskTemplate"));
    s.start_first = spec.child("UpdateConfig").text("Order") == "start-first";
    s.update_state = status.text("State");
    s.update_message = status.text("Message");
    s.update_started_ms = time_or_zero(status, "StartedAt");
    out.push_back(std::move(s));
  });
}

Result<std::vector<SwarmTask>> parse_swarm_tasks(std::string_view text, std::vector<std::string>& unread) {
  return read_list<SwarmTask>(text, unread, [](const JsonReader& r, std::vector<SwarmTask>& out) {
    const std::string state = r.child("Status").text("State");
    const bool over = state == "complete" || state == "shutdown" || state == "failed" || state == "rejected" ||
                      state == "orphaned" || state == "remove";
    // one that no node was found for stays "pending" for ever where it is no longer wanted
    const bool never_ran = r.text("NodeID").empty() && r.text("DesiredState") == "shutdown";
    if (over || never_ran) return;
    SwarmTask t{docker_tree::required(r, "ID"), r.text("ServiceID"), secret_ids(r.child("Spec"))};
    if (state == "pending") t.no_room = r.child("Status").text("Err");  // "no suitable node (insufficient resources on 1 node)"
    t.created_at_ms = time_or_zero(r, "CreatedAt");
    out.push_back(std::move(t));
  });
}

Result<std::string> parse_swarm_node_id(std::string_view info) {
  return docker_tree::read_object<std::string>(info, {}, [](const JsonReader& r) {
    const JsonReader swarm = r.child("Swarm");
    return swarm.boolean("ControlAvailable", false) ? swarm.text("NodeID") : std::string();
  });
}

Result<SwarmNode> parse_swarm_node(std::string_view node) {
  return docker_tree::read_object<SwarmNode>(node, {}, [](const JsonReader& r) {
    SwarmNode n;
    n.member = true;
    n.manager = r.child("Spec").text("Role") == "manager";
    n.leader = r.child("ManagerStatus").boolean("Leader", false);
    return n;
  });
}

Result<std::string> parse_swarm_created_id(std::string_view text) {
  return docker_tree::read_object<std::string>(text, {}, [](const JsonReader& r) { return docker_tree::required(r, "ID"); });
}

Result<std::uint64_t> parse_swarm_index(std::string_view object) {
  docker_tree::WipedTree tree(object.size());
  return docker_tree::read_object<std::uint64_t>(object, tree.storage(), [](const JsonReader& r) {
    return static_cast<std::uint64_t>(r.child("Version").integer("Index"));
  });
}

std::string swarm_secret_body(const std::string& name, const std::string& driver,
                              const std::map<std::string, std::string>& labels) {
  return json::serialize(json::object{{"Name", name}, {"Labels", labels_object(labels)}, {"Driver", {{"Name", driver}}}});
}

std::string swarm_labels_body(const SwarmSecret& secret) {
  return swarm_secret_body(secret.name, secret.driver, secret.labels);
}

Result<SecretBuffer> swarm_update_body(std::string_view service, const std::map<std::string, SwarmMove>& moves) {
  const json::storage_ptr storage = secret_json_storage();
  DSO_TRY(json::value root, docker_tree::parse_json(service, storage));
  json::object* object = root.if_object();
  json::value* spec = object ? object->if_contains("Spec") : nullptr;
  if (!spec || !spec->is_object()) return malformed("Spec is missing");
  json::object& o = spec->get_object();
  json::value* secrets = object_made(object_made(o, "TaskTemplate"), "ContainerSpec").if_contains("Secrets");
  std::size_t moved = 0;
  if (secrets && secrets->is_array())
    for (json::value& s : secrets->get_array()) {
      if (!s.is_object()) continue;
      const json::value* id = s.get_object().if_contains("SecretID");
      const auto move = id && id->is_string() ? moves.find(std::string(id->get_string())) : moves.end();
      if (move == moves.end()) continue;
      s.get_object()["SecretID"] = move->second.id;
      s.get_object()["SecretName"] = move->second.name;
      ++moved;
    }
  if (moved < moves.size()) return malformed("the service no longer uses the secrets that were to be replaced");
  take_update_settings(o);
  return secret_json_text(o);
}

Result<SecretBuffer> swarm_same_body(std::string_view service) {
  const json::storage_ptr storage = secret_json_storage();
  DSO_TRY(json::value root, docker_tree::parse_json(service, storage));
  const json::object* spec = object_in(root.if_object(), "Spec");
  if (!spec) return malformed("Spec is missing");
  return secret_json_text(*spec);
}

Result<SecretBuffer> swarm_owners_body(std::string_view service) {
  const json::storage_ptr storage = secret_json_storage();
  DSO_TRY(json::value root, docker_tree::parse_json(service, storage));
  json::object* object = root.if_object();
  json::value* spec = object ? object->if_contains("Spec") : nullptr;
  if (!spec || !spec->is_object()) return malformed("Spec is missing");
  give_update_settings_back(spec->get_object());
  return secret_json_text(spec->get_object());
}

}  // namespace dso
