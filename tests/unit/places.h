// The tree that a test belongs to and the folder that it was built in. Their paths are in one small object of their own: in each
// test's command line they would make ccache's work of one clone useless for another.
#pragma once
#include <string>

namespace dso::test {

extern const char kSourceFolder[];
extern const char kBuildFolder[];

inline std::string in_tree(const std::string& path) {
  return std::string(kSourceFolder) + "/" + path;
}
inline std::string in_build(const std::string& path) {
  return std::string(kBuildFolder) + "/" + path;
}

}  // namespace dso::test
