// From source_profile to source_profile until something gives keys.
#include "credentials.h"

#include <algorithm>
#include <charconv>

#include "dso/provider.hpp"

namespace aws {
namespace {

using dso::sdk::Failure;
using Base = ProfilePlan::Base;

[[noreturn]] void refuse_profile(std::string message, std::string next) {
  throw Failure(DSO_E_CREDENTIALS_UNAVAILABLE, std::move(message), std::move(next));
}
std::string quoted(std::string_view s) {
  return "'" + std::string(s) + "'";
}

Base base_of(const Properties& p, std::string_view name) {
  const bool id = !property(p, "aws_access_key_id").empty(), key = !property(p, "aws_secret_access_key").empty();
  if (id != key)
    refuse_profile("the profile " + quoted(name) + " has half a key pair",
                   "Write aws_access_key_id and aws_secret_access_key, or neither.");
  if (id) return Base::static_keys;
  if (!property(p, "sso_session").empty() || !property(p, "sso_start_url").empty()) return Base::sso;
  if (!property(p, "credential_process").empty()) return Base::process;
  return Base::none;
}

Base named_source(std::string_view source, std::string_view profile) {
  if (source == "Environment") return Base::environment;
  if (source == "Ec2InstanceMetadata") return Base::instance;
  if (source == "EcsContainer") return Base::container;
  refuse_profile("the profile " + quoted(profile) + " has an unknown credential_source",
                 "Use Environment, Ec2InstanceMetadata or EcsContainer.");
}

RoleStep role_of(const Properties& p) {
  RoleStep out{std::string(property(p, "role_arn")), std::string(property(p, "external_id")),
               std::string(property(p, "role_session_name")), 0};
  const std::string_view seconds = property(p, "duration_seconds");
  std::from_chars(seconds.data(), seconds.data() + seconds.size(), out.seconds);
  return out;
}

}  // namespace

Freshness freshness_of(std::int64_t expires_ms, std::int64_t now_ms) {
  constexpr std::int64_t kMinute = 60'000;
  if (expires_ms == 0) return Freshness::fresh;
  const std::int64_t left = expires_ms - now_ms;
  if (left <= 0) return Freshness::expired;
  if (left <= 10 * kMinute) return Freshness::mandatory;
  return left <= 15 * kMinute ? Freshness::advisory : Freshness::fresh;
}

ProfilePlan plan_of(const ProfileFile& file, std::string_view profile) {
  ProfilePlan plan;
  std::vector<std::string> seen;
  std::string name(profile);
  while (true) {
    const auto found = file.profiles.find(name);
    if (found == file.profiles.end()) {
      if (seen.empty()) return plan;
      refuse_profile("the profile " + quoted(seen.back()) + " has the source_profile " + quoted(name) + ", which is not there",
                     "Add it, or correct source_profile.");
    }
    const Properties& p = found->second;
    plan.profile = name;
    plan.properties = &p;
    // A profile may be its own source: its keys then open its role.
    const bool again = std::find(seen.begin(), seen.end(), name) != seen.end();
    const std::string_view role = again ? std::string_view() : property(p, "role_arn");
    if (role.empty()) {
      plan.base = base_of(p, name);
      if (plan.base == Base::none && !seen.empty())
        refuse_profile(again ? "the source_profile of " + quoted(profile) + " leads in a circle"
                             : "the profile " + quoted(name) + " has no credentials for the role of " + quoted(seen.back()),
                       "Give it aws_access_key_id and aws_secret_access_key, sso_session or credential_source.");
      break;
    }
    seen.push_back(name);
    if (!property(p, "web_identity_token_file").empty()) {
      plan.base = Base::web_identity;
      break;
    }
    if (!property(p, "mfa_serial").empty())
      refuse_profile("the profile " + quoted(name) + " asks for a code to type (mfa_serial)",
                     "Use a role that a machine may take on without one.");
    plan.roles.push_back(role_of(p));
    const std::string_view source = property(p, "source_profile"), named = property(p, "credential_source");
    if (source.empty() == named.empty())
      refuse_profile("the profile " + quoted(name) + " needs either source_profile or credential_source for its role",
                     "Write one of them.");
    if (!named.empty()) {
      plan.base = named_source(named, name);
      break;
    }
    name = source;
  }
  std::reverse(plan.roles.begin(), plan.roles.end());
  return plan;
}

}  // namespace aws
