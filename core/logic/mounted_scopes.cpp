// By the sources of its bind mounts: <secrets dir>/<scope>/<folder>.
#include "logic/mounted_scopes.h"

#include <algorithm>
#include <filesystem>

namespace dso {

std::vector<std::string> mounted_scopes(const Container& container, std::string_view secrets_dir) {
  const std::string folder = (std::filesystem::path(secrets_dir) / "").lexically_normal().string();
  std::vector<std::string> out;
  const auto add = [&](const ContainerMount& m) {
    const std::string source = std::filesystem::path(m.source).lexically_normal().string();
    if (m.type != "bind" || !source.starts_with(folder)) return;
    const std::string scope = source.substr(folder.size(), source.find('/', folder.size()) - folder.size());
    const bool is_one = !scope.empty() && scope.front() != '.';  // the tmpfs has files and views of ours, too
    if (is_one && std::find(out.begin(), out.end(), scope) == out.end()) out.push_back(scope);
  };
  for (const bool borrowed : {false, true})
    for (const ContainerMount& m : container.mounts)
      if (m.borrowed == borrowed) add(m);
  return out;
}

bool mounts_scope(const Container& container, std::string_view secrets_dir, std::string_view scope_id) {
  const auto all = mounted_scopes(container, secrets_dir);
  return std::find(all.begin(), all.end(), scope_id) != all.end();
}

std::string mounted_scope(const Container& container, std::string_view secrets_dir) {
  const auto all = mounted_scopes(container, secrets_dir);
  return all.empty() ? std::string() : all.front();
}

bool borrows_scope(const Container& container, std::string_view scope_id) {
  const std::string part = "/" + std::string(scope_id) + "/";
  return std::any_of(container.mounts.begin(), container.mounts.end(), [&](const ContainerMount& m) {
    return m.borrowed && m.type == "bind" && m.source.find(part) != std::string::npos;
  });
}

}  // namespace dso
