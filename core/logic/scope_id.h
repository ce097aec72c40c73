// Names of scopes: one of its own for each `dso run`, and one that stays the same for a compose service as long as what it is
// given stays the same, so that a second `dso up` leaves its containers alone. Pure; made of names, never of values.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/delivery.h"

namespace dso {

/// "run-<16 hex>"; `random` must be 16 hex digits.
std::string run_scope_id(std::string_view random);

/// "compose-<project>-<service>-<16 hex over secrets, mappings, paths, modes and the user>", at most 128 characters.
std::string compose_scope_id(std::string_view project, const Scope& scope, std::string_view service);

/// The numbers of "1000", "1000:1000"; root where `user` is empty; names are unknown to us (only the image's passwd has them).
std::pair<std::optional<std::uint32_t>, std::optional<std::uint32_t>> numeric_user(std::string_view user);

/// For the label dso.secrets: "instance/name,instance/name", each once, in order.
std::string secrets_label(const std::vector<DeliveryItem>& items);

}  // namespace dso
