// A container knows more than its scope: its volumes, and what config and labels let it read through the socket.
#include "agent/last_words.h"

#include <algorithm>

#include "agent/deadlines.h"
#include "agent/peer.h"
#include "base/log.h"
#include "logic/redact.h"

namespace dso {
namespace {

Result<std::vector<SecretValue>> other_values(const ReloadTools& tools, const Container& service,
                                              const std::vector<SecretKey>& known, std::stop_token stop) {
  DSO_TRY(const Container whole, tools.engine.inspect(service.id, Deadline::in(kEngineDeadline), stop));
  DSO_TRY(const std::vector<SecretKey> keys, secrets_of_container(tools.store, tools.sources.config(), whole));
  std::vector<SecretValue> out;
  const Deadline deadline = Deadline::in(kFetchDeadline);
  for (const SecretKey& key : keys) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    DSO_TRY(SecretValue value, fetch_one(tools.sources, key, "", deadline, stop));
    out.push_back(std::move(value));
  }
  return out;
}

}  // namespace

void tell_last_words(const ReloadTools& tools, const Container& service, std::string_view text, const DeliveredValues& delivered,
                     std::stop_token stop) {
  if (delivered.values.empty() || text.empty()) return;
  const auto more = other_values(tools, service, delivered.secrets, stop);
  if (more.has_error()) {
    log::error("Reloader",
               "What '" + service.name + "' said is not shown, since not all of its secrets are known: " + render(more.error()));
    return;
  }
  std::vector<std::string_view> values = delivered.values;
  for (const SecretValue& secret : *more)
    for (const SecretField& field : secret.fields) values.push_back(field.value.reveal());
  const std::string shown = redact(text, values);
  for (std::size_t at = 0; at < shown.size();) {
    const std::size_t end = std::min(shown.find('\n', at), shown.size());
    if (end > at) log::error("Reloader", "'" + service.name + "' said | " + shown.substr(at, end - at));
    at = end + 1;
  }
}

}  // namespace dso
