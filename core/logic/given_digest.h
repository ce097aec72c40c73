// What containers are given of a secret, as a digest: a field that no file and no variable shows is not in it, so a change of
// that field concerns nobody. Pure.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "model/delivery.h"

namespace dso {

/// HMAC over names and contents of the files and variables that `plan` makes of each secret. The plan's content is borrowed, and
/// must still be there.
std::map<SecretKey, std::string> given_digests(std::string_view key, const DeliveryPlan& plan);

/// A container that has `was` has `now` as well.
bool same_given(const DeliveredSecret& was, const DeliveredSecret& now);

const DeliveredSecret* find_delivered(const std::vector<DeliveredSecret>& delivered, const SecretKey& key);

}  // namespace dso
