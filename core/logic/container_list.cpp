// A container whose labels are too long stays in the list without them: none of its labels counts, what it mounts does.
#include "logic/container_list.h"

#include <boost/json/object.hpp>
#include <string>

#include "logic/docker_json.h"
#include "logic/docker_tree.h"

namespace dso {
namespace {

namespace json = boost::json;
using docker_tree::malformed;

/// A linked container has more names, "/other/alias"; its own has one slash.
std::string own_name(const std::vector<std::string>& names) {
  for (const std::string& name : names)
    if (name.rfind('/') == 0) return name.substr(1);
  if (names.empty()) return "";
  return names.front().starts_with('/') ? names.front().substr(1) : names.front();
}

Container container_of_list(const JsonReader& r) {
  Container c;
  c.id = docker_tree::required(r, "Id");
  c.name = own_name(r.texts("Names"));
  c.image = r.text("Image");
  c.image_id = r.text("ImageID");
  c.labels = r.text_map("Labels");
  c.state = r.text("State");
  c.network_mode = r.child("HostConfig").text("NetworkMode");
  c.mounts = docker_tree::mounts_of(r);
  return c;
}

/// Whatever can be said of one that cannot be read whole: its name, its id, or its place in the list.
std::string who_is(const json::object* object, std::size_t index) {
  if (object) {
    std::optional<Error> ignored;
    const JsonReader r(object, {}, ignored);
    if (std::string name = own_name(r.texts("Names")); !name.empty()) return name;
    if (std::string id = r.text("Id"); !id.empty()) return id;
  }
  return "[" + std::to_string(index) + "]";
}

}  // namespace

void ContainerListReader::read(const JsonListReader::Element& element) {
  const std::string index = "[" + std::to_string(element.index) + "]";
  const auto value = docker_tree::parse_json(element.text, {});
  const json::object* const object = value.has_value() ? value->if_object() : nullptr;
  const auto leave_out = [&](std::string why) {
    out_.remarks.push_back({who_is(object, element.index), std::move(why)});
    if (!out_.unread) out_.unread = out_.remarks.back();
  };
  if (value.has_error()) return leave_out(index + ": " + value.error().cause);
  if (!object) return leave_out(index + " is not an object");
  std::optional<Error> error;
  Container c = container_of_list(JsonReader(object, index, error));
  if (error) return leave_out(error->cause);
  for (const std::string& member : element.left_out) {
    const std::string too_long = "its " + member + " make it longer than 4 MiB";
    if (member != "Labels") return leave_out(too_long);
    out_.remarks.push_back({c.name.empty() ? c.id : c.name, too_long + "; none of its labels counts"});
  }
  if (!JsonReader(object, index, error).has("Mounts")) out_.mounts_untold.push_back(out_.containers.size());
  out_.containers.push_back(std::move(c));
}

Result<ContainerList> ContainerListReader::finish() {
  DSO_CHECK(reader_.finish());
  // A format that this code does not know, rather than one bad container.
  if (out_.containers.empty() && out_.unread) return malformed(out_.unread->what);
  return std::move(out_);
}

Result<ContainerList> parse_container_list(std::string_view text) {
  ContainerListReader reader;
  reader.feed(text);
  return reader.finish();
}

}  // namespace dso
