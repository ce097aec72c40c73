// How the engine's JSON is taken apart: the text into a tree in wiping memory (an inspect holds the container's environment, and
// people put secrets there), the tree by a JsonReader. For the
// docker_json_*.cpp and their like only.
#pragma once
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "logic/json_reader.h"
#include "model/container.h"

namespace dso::docker_tree {

Error malformed(std::string cause);

Result<boost::json::value> parse_json(std::string_view text, const boost::json::storage_ptr& storage);

/// One block for the whole tree, taken from and given back to wiping memory.
class WipedTree {
 public:
  explicit WipedTree(std::size_t json_bytes);
  boost::json::storage_ptr storage() { return &resource_; }

 private:
  boost::json::storage_ptr upstream_;
  boost::json::monotonic_resource resource_;
};

/// Parses an object and lets `read` take it apart; the reader's error wins.
template <class T, class Read>
Result<T> read_object(std::string_view text, const boost::json::storage_ptr& storage, const Read& read) {
  DSO_TRY(const boost::json::value root, parse_json(text, storage));
  const boost::json::object* object = root.if_object();
  if (!object) return malformed("it is not an object");
  std::optional<Error> error;
  T out = read(JsonReader(object, {}, error));
  if (error) return *error;
  return out;
}

/// A text that has to be there.
std::string required(const JsonReader& r, std::string_view key);

/// "Mounts", as inspect and list have it.
std::vector<ContainerMount> mounts_of(const JsonReader& container);

}  // namespace dso::docker_tree
