// Variables by which loaders, shells, interpreters and libraries are steered: who writes one of them in a container decides what
// runs there. A store's writer names fields; so a field becomes such a variable only where whoever runs the container says so, by
// a mapping with that name. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace dso {

/// What the variable steers ("the dynamic loader"), for an error; nothing for one that steers nobody that we know of.
std::optional<std::string_view> steered_by(std::string_view variable);

/// Why a field may not become this variable unasked, for an Error's cause; nothing if it may.
std::optional<std::string> why_not_unasked(std::string_view variable);

}  // namespace dso
