// The mounts of a clone: its new scope's in the place of the old one's, and the volumes without a name by their name. Part of
// clone_spec; pure.
#pragma once
#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "model/container.h"
#include "model/delivery.h"

namespace dso {

/// Whatever `host` (the HostConfig) mounts where a new mount goes gives way, and so do the binds of the scope's other
/// generations, which `from` mounts and the new one has no use for. New ones are of the kind that the engine refuses to start
/// without the source: HostConfig.Mounts, not Binds.
void replace_scope_mounts(boost::json::object& host, const Container& from, const std::vector<ScopeMount>& mounts,
                          const std::string& scope);

/// `mounts` is the inspect's own list of the container `id`. A volume that `host` does not name would be a new and empty one in
/// the clone, so the clone takes it from that container, as --volumes-from does: it stays without a name, and goes with the last
/// container that has it by `docker rm -v`. Where the clone would get a folder by that which it shall not have, it asks for the
/// volume by its name. What is in it stays as it is: the image's files are not copied into one that was emptied.
void keep_anonymous_volumes(boost::json::object& host, const boost::json::array& mounts, const std::string& id);

}  // namespace dso
