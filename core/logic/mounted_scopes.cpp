// By the sources of its bind mounts: <secrets dir>/<scope>/<folder>.
#include "logic/mounted_scopes.h"

#include <algorithm>
#include <filesystem>

namespace dso {
namespace {

/// Has no `.`, `..` or doubled slash. Hardly any path has, and each poll looks at those of all containers: taking them to pieces
/// would cost it a tenth of its time.
bool is_normal(std::string_view path) {
  return path.find("//") == std::string_view::npos && path.find("/.") == std::string_view::npos;
}
std::string normal(std::string_view path) {
  return std::filesystem::path(path).lexically_normal().string();
}

}  // namespace

std::vector<std::string> mounted_scopes(const Container& container, std::string_view secrets_dir) {
  std::string folder = is_normal(secrets_dir) ? std::string(secrets_dir) : normal(secrets_dir);
  if (!folder.ends_with('/')) folder += '/';
  std::vector<std::string> out;
  const auto add = [&](const ContainerMount& m) {
    if (m.type != "bind") return;
    const std::string rewritten = is_normal(m.source) ? std::string() : normal(m.source);
    const std::string_view source = rewritten.empty() ? std::string_view(m.source) : rewritten;
    if (!source.starts_with(folder)) return;
    const std::string_view scope = source.substr(folder.size(), source.find('/', folder.size()) - folder.size());
    const bool is_one = !scope.empty() && scope.front() != '.';  // the tmpfs has files and views of ours, too
    if (is_one && std::find(out.begin(), out.end(), scope) == out.end()) out.emplace_back(scope);
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
