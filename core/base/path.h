// What the file system says of a path. (What std::filesystem has for that makes the binary 30 KB larger; its way with the text of
// paths is used as it is.)
#pragma once
#include <string>
#include <vector>

namespace dso {

/// Good from whatever folder; without "." and "..", and not following links.
std::string absolute_path(const std::string& path);
/// Following links, as the others here.
bool is_folder(const std::string& path);
bool is_there(const std::string& path);
bool is_same_file(const std::string& a, const std::string& b);
/// Names of what is in a folder, in no order; none where it cannot be read.
std::vector<std::string> names_in_folder(const std::string& folder);

}  // namespace dso
