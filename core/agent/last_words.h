// What a container said before it failed, for the log: without any value that it could know.
#pragma once
#include <stop_token>
#include <string_view>
#include <vector>

#include "agent/reconcile.h"

namespace dso {

/// The values that a container's scope brought it, borrowed, and of which secrets they are.
struct DeliveredValues {
  std::vector<SecretKey> secrets;
  std::vector<std::string_view> values;
};

/// A log line for each line of `text`, which `service`'s successor wrote. Without delivered values nothing is told, since nothing
/// can be taken out (a rollback reads none). What the service may have besides, from volumes and by the read socket, is asked
/// for; a store that does not answer costs the words, which is said.
void tell_last_words(const ReloadTools& tools, const Container& service, std::string_view text, const DeliveredValues& delivered,
                     std::stop_token stop);

}  // namespace dso
