// The outer list is taken apart by counting brackets outside of texts; each element is real JSON to Boost.JSON.
#include "logic/container_list.h"

#include <boost/json/object.hpp>
#include <string>

#include "logic/docker_json.h"
#include "logic/docker_tree.h"

namespace dso {
namespace {

namespace json = boost::json;
using docker_tree::malformed;

/// A container with many labels, ports and mounts has some 10 KB.
constexpr std::size_t kMaxElement = 4 * 1024 * 1024, kMaxElements = 100'000;

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

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
  return c;
}

}  // namespace

bool ContainerListReader::refuse(Error error) {
  if (!error_) error_ = std::move(error);
  return false;
}

bool ContainerListReader::end_of_element() {
  const std::string index = "[" + std::to_string(out_.size()) + "]";
  if (out_.size() >= kMaxElements) return refuse(malformed("it lists more than " + std::to_string(kMaxElements) + " containers"));
  auto value = docker_tree::parse_json(view(element_), {});
  if (value.has_error()) return refuse(malformed(index + ": " + value.error().cause));
  const json::object* object = value->if_object();
  if (!object) return refuse(malformed(index + " is not an object"));
  std::optional<Error> error;
  Container c = container_of_list(JsonReader(object, index, error));
  if (error) return refuse(std::move(*error));
  out_.push_back(std::move(c));
  element_.clear();
  return true;
}

bool ContainerListReader::step(char c) {
  if (at_ == At::element) {
    const bool ends = !in_text_ && depth_ == 0 && (c == ',' || c == ']');
    if (!ends) {
      if (element_.size() >= kMaxElement) return refuse(malformed("a container in it is longer than 4 MiB"));
      element_.push_back(c);
      if (in_text_) {
        in_text_ = escaped_ || c != '"';
        escaped_ = !escaped_ && c == '\\';
      } else if (c == '"') {
        in_text_ = true;
      } else if (c == '{' || c == '[') {
        ++depth_;
      } else if (c == '}' || c == ']') {
        --depth_;
      }
      return true;
    }
    if (!end_of_element()) return false;
    at_ = At::between;
  }
  if (is_space(c)) return true;
  switch (at_) {
    case At::before:
      if (c != '[') return refuse(malformed("it is not a list"));
      at_ = At::between;
      return true;
    case At::between:
      if (c == ']' && !comma_) {
        at_ = At::after;
      } else if (c == ',' && !comma_ && !out_.empty()) {
        comma_ = true;
      } else if (c == ',' || c == ']') {
        return refuse(malformed("it is not JSON: a comma without a container"));
      } else {
        comma_ = false;
        at_ = At::element;
        return step(c);
      }
      return true;
    default: return refuse(malformed("it is not JSON: something follows the list"));
  }
}

bool ContainerListReader::feed(std::string_view piece) {
  if (error_) return false;
  for (const char c : piece)
    if (!step(c)) return false;
  return true;
}

Result<std::vector<Container>> ContainerListReader::finish() {
  if (error_) return *error_;
  if (at_ == At::before) return malformed("it is not a list");
  if (at_ != At::after) return malformed("it is not JSON: it ends in the middle");
  return std::move(out_);
}

Result<std::vector<Container>> parse_container_list(std::string_view text) {
  ContainerListReader reader;
  reader.feed(text);
  return reader.finish();
}

}  // namespace dso
