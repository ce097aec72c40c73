// The networks of a clone: what was asked for in each, what has to wait or to give way, and what dso.origin keeps of it. Part of
// clone_spec; pure.
#pragma once
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/container.h"

namespace dso {

/// A network that resolves names: not the default bridge, the host's, none.
bool has_names(std::string_view network);

/// Each network's EndpointSettings without what the engine put there, and with the aliases that dso.origin still holds back. In
/// `whole`'s memory.
Result<boost::json::object> asked_networks(boost::json::object& whole, const Container& c);

/// Of a stand-in: ports, policies, addresses as dso.origin has them. InvalidRequest if that is damaged.
Result<void> restore_origin(const Container& c, boost::json::object& config, boost::json::object& host,
                            boost::json::object& networks);

/// Ports that the engine chose, out of all or of a range, become those that it has chosen: clients know them. Of a container that
/// does not run any more `origin` (a stand-in's label dso.origin) knows them; "" where there is none.
Result<void> keep_port_numbers(const Container& c, std::string_view origin, boost::json::object& host);

/// The reverse: taken from the three, kept in `origin`. Published ports remain, on 127.0.0.1 with the engine's choice of number.
void take_origin(boost::json::object& config, boost::json::object& host, boost::json::object& networks,
                 boost::json::object& origin);

/// Aliases that wait until the container serves, but for those in one network; kept in `origin`.
void hold_back_aliases(boost::json::object& networks, boost::json::object& origin, std::string_view but_in = {});
/// Not twice.
void add_alias(boost::json::array& aliases, std::string_view alias);

/// The network that the engine connects at creation: NetworkMode where it is one of `networks`, else the first of them (it was
/// disconnected from that one). "" for host, none, another container's network, and no network at all.
std::string first_network(const Container& c, const boost::json::object& networks);

}  // namespace dso
