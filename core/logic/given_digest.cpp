// Lengths in front of each part, so that no two plans give the same bytes.
#include "logic/given_digest.h"

#include <algorithm>

#include "base/digest.h"

namespace dso {
namespace {

void add(SecretBuffer& out, std::string_view part) {
  append(out, std::to_string(part.size()) + ":");
  append(out, part);
}

}  // namespace

std::map<SecretKey, std::string> given_digests(std::string_view key, const DeliveryPlan& plan) {
  std::map<SecretKey, SecretBuffer> bytes;
  for (const PlannedFile& f : plan.files) {
    SecretBuffer& out = bytes[f.secret];
    add(out, "file");
    add(out, f.folder);
    add(out, f.name);
    add(out, f.content);
  }
  for (const PlannedEnv& e : plan.env) {
    SecretBuffer& out = bytes[e.secret];
    add(out, "variable");
    add(out, e.name);
    add(out, e.content);
  }
  std::map<SecretKey, std::string> out;
  for (const auto& [secret, text] : bytes) out.emplace(secret, hmac_sha256_hex(key, view(text)));
  return out;
}

bool same_given(const DeliveredSecret& was, const DeliveredSecret& now) {
  return was.digest == now.digest || (!was.given.empty() && was.given == now.given);
}

const DeliveredSecret* find_delivered(const std::vector<DeliveredSecret>& delivered, const SecretKey& key) {
  const auto it = std::find_if(delivered.begin(), delivered.end(), [&](const DeliveredSecret& d) { return d.secret == key; });
  return it == delivered.end() ? nullptr : &*it;
}

}  // namespace dso
