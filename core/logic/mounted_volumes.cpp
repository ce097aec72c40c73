// Mounts[].Name of those of type volume.
#include "logic/mounted_volumes.h"

#include "logic/docker_tree.h"

namespace dso {

using docker_tree::read_object;
using docker_tree::WipedTree;

Result<std::vector<std::string>> mounted_volumes(std::string_view inspect) {
  WipedTree tree(inspect.size());
  return read_object<std::vector<std::string>>(inspect, tree.storage(), [](const JsonReader& r) {
    std::vector<std::string> out;
    r.each("Mounts", [&](const JsonReader& m) {
      if (m.text("Type") == "volume" && !m.text("Name").empty()) out.push_back(m.text("Name"));
    });
    return out;
  });
}

}  // namespace dso
