// Which scopes a container belongs to. What it mounts decides: labels are words, and those of an image are a stranger's. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "model/container.h"

namespace dso {

/// The scopes whose folders below `secrets_dir` (<run dir>/secrets) the container has as bind mounts, each once. Mostly one;
/// another with `--volumes-from`, behind its own. Volumes of the driver `dso` are not among them (agent/volume_users).
std::vector<std::string> mounted_scopes(const Container& container, std::string_view secrets_dir);
bool mounts_scope(const Container& container, std::string_view secrets_dir, std::string_view scope_id);
/// The first of them, "" without any: the scope that was made for it.
std::string mounted_scope(const Container& container, std::string_view secrets_dir);

/// Its files are another container's mounts, which it has by --volumes-from.
bool borrows_scope(const Container& container, std::string_view scope_id);

}  // namespace dso
