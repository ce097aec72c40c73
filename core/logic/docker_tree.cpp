// Boost.JSON's parser keeps half-parsed texts in memory of its own, so that too is the tree's.
#include "logic/docker_tree.h"

#include <boost/json/parser.hpp>

#include "logic/secret_json.h"

namespace dso::docker_tree {

namespace json = boost::json;

Error malformed(std::string cause) {
  return make_error(ErrorClass::malformed, "Failed to read the engine's answer", std::move(cause));
}

Result<json::value> parse_json(std::string_view text, const json::storage_ptr& storage) {
  boost::system::error_code ec;
  json::parser parser(storage);
  parser.reset(storage);
  parser.write(text.data(), text.size(), ec);
  if (ec) return malformed("it is not JSON: " + ec.message());
  return parser.release();
}

WipedTree::WipedTree(std::size_t json_bytes) : upstream_(secret_json_storage()), resource_(json_bytes * 2 + 1024, upstream_) {}

std::string required(const JsonReader& r, std::string_view key) {
  std::string text = r.text(key);
  if (text.empty()) r.fail(key, "is missing");
  return text;
}

std::vector<ContainerMount> mounts_of(const JsonReader& container) {
  std::vector<ContainerMount> out;
  container.each("Mounts", [&](const JsonReader& m) {
    ContainerMount mount;
    mount.type = m.text("Type");
    mount.name = m.text("Name");
    mount.source = m.text("Source");
    mount.destination = m.text("Destination");
    mount.read_only = !m.boolean("RW", true);
    mount.driver = m.text("Driver");
    out.push_back(std::move(mount));
  });
  return out;
}

}  // namespace dso::docker_tree
