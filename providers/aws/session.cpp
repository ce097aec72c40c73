// Renewal, requests, region and endpoints. The sources themselves are chain.cpp.
#include "session.h"

#include <array>

namespace aws {

using dso::sdk::Failure;

void Session::begin() {
  failed_.reset();
  files_.reset();  // read again when asked for: logins and keys change
  asked_for_instance_region_ = false;
}

std::string Session::identity() const {
  if (!credentials_.identity.empty()) return credentials_.identity;
  if (!settings_.role_arn.empty()) return "role " + settings_.role_arn;
  if (!settings_.access_key_id.empty()) return "access key " + settings_.access_key_id;
  return settings_.profile.empty() ? "no credentials yet" : "profile " + settings_.profile;
}

/// A newer key may lie in the file, the environment of this process cannot change.
bool Session::renewable() const {
  return !credentials_.identity.ends_with("of the environment");
}

const Credentials& Session::credentials() {
  if (failed_) throw Failure(*failed_);
  const std::int64_t now = client_.now_ms();
  const Freshness freshness = credentials_.empty() ? Freshness::expired : freshness_of(credentials_.expires_ms, now);
  if (freshness == Freshness::fresh) return credentials_;
  if (!credentials_.empty() && now < renew_not_before_ms_) return credentials_;
  renew(freshness);
  return credentials_;
}

void Session::renew(Freshness freshness) {
  constexpr std::int64_t kPause = 60'000, kExpiredPause = 10LL * 60'000;
  try {
    const bool had = !credentials_.empty();
    Credentials fresh = obtain();
    credentials_ = std::move(fresh);
    const std::int64_t now = client_.now_ms();
    const bool dead = credentials_.expires_ms != 0 && credentials_.expires_ms <= now;
    // The metadata service may hand out expired ones while it has trouble of its own: AWS still takes them for a while.
    if (dead) host_.log(DSO_LOG_WARN, "the credentials (" + credentials_.identity + ") came already expired; they are used on");
    renew_not_before_ms_ = dead ? now + kExpiredPause : had ? now + kPause : 0;
  } catch (const Failure& f) {
    const bool usable = !credentials_.empty() && freshness != Freshness::expired;
    if (!usable) {
      failed_ = f;
      throw;
    }
    host_.log(DSO_LOG_WARN, "renewing the credentials failed, the present ones are used on: " + f.message);
    renew_not_before_ms_ = client_.now_ms() + (freshness == Freshness::mandatory ? 0 : kPause);
  }
}

Reply Session::ask(Service service, const std::string& region, std::string_view target, std::string_view body) {
  const std::string origin = origin_of(service, region);
  const Client::Call call{.origin = origin,
                          .headers = {{"Content-Type", "application/x-amz-json-1.1"}, {"X-Amz-Target", target}},
                          .body = body,
                          .region = region,
                          .service = signing_name(service),
                          .max_body_bytes = 7 * 1024 * 1024};
  Reply reply = client_.send(call, &credentials());
  if (reply.ok() || class_of(*reply.error, {}) != DSO_E_INVALID_CREDENTIALS || !renewable()) return reply;
  // Revoked, rotated or expired early: what the source has now may be good. Its trouble is not the answer's.
  const ErrorFacts first = *reply.error;
  Credentials old = credentials_;
  try {
    credentials_ = obtain();
  } catch (const Failure&) {
    reply.body = {};
    return reply;
  }
  if (credentials_.access_key_id == old.access_key_id && view(credentials_.secret_access_key) == view(old.secret_access_key) &&
      view(credentials_.session_token) == view(old.session_token)) {
    reply.body = {};
    return reply;
  }
  return client_.send(call, &credentials_);
}

std::string Session::region() {
  if (!settings_.region.empty()) return settings_.region;
  if (std::string r = profile_property("region"); !r.empty()) {
    if (!is_region(r)) throw Failure(DSO_E_INVALID_REQUEST, "the profile's region is no region's name", "Correct it.");
    return r;
  }
  if (instance_region_.empty() && !asked_for_instance_region_) {
    asked_for_instance_region_ = true;
    if (std::string r = instance_.region(); is_region(r)) instance_region_ = r;
  }
  if (instance_region_.empty())
    throw Failure(DSO_E_INVALID_REQUEST, "no region is configured", "Set region: eu-west-1 (or AWS_REGION), or use full ARNs.");
  return instance_region_;
}

std::string Session::profile_property(std::string_view name) {
  const auto& profiles = files().profiles;
  const auto found = profiles.find(profile_name());
  return found == profiles.end() ? std::string() : std::string(property(found->second, name));
}

std::string Session::origin_of(Service service, const std::string& region) {
  struct Names {
    Service service;
    const char *variable, *section;
  };
  constexpr std::array kNames{Names{Service::secrets_manager, "AWS_ENDPOINT_URL_SECRETS_MANAGER", "secrets_manager"},
                              Names{Service::ssm, "AWS_ENDPOINT_URL_SSM", "ssm"},
                              Names{Service::sts, "AWS_ENDPOINT_URL_STS", "sts"},
                              Names{Service::sso, "AWS_ENDPOINT_URL_SSO", "sso"}};
  // An endpoint that names one service (a VPC endpoint) is that one's; any other stands for all.
  const bool names_one = settings_.endpoint.find("secretsmanager") != std::string::npos;
  if (!settings_.endpoint.empty() && (service == Service::secrets_manager || !names_one)) return settings_.endpoint;
  std::string url;
  if (!settings_.ignore_configured_endpoints) {
    const Names& n = kNames[static_cast<std::size_t>(service)];
    for (const char* variable : {n.variable, "AWS_ENDPOINT_URL"})
      if (url.empty()) url = host_.env(variable).value_or("");
    if (url.empty())
      if (const auto section = files().services.find(profile_property("services")); section != files().services.end())
        url = nested_property(section->second, n.section, "endpoint_url");
    if (url.empty()) url = profile_property("endpoint_url");
  }
  while (url.ends_with('/')) url.pop_back();
  if (!url.empty()) return url;
  const bool fips = settings_.fips ? *settings_.fips : profile_property("use_fips_endpoint") == "true";
  const bool dual = settings_.dualstack ? *settings_.dualstack : profile_property("use_dualstack_endpoint") == "true";
  return endpoint_of(service, region, fips, dual);
}

}  // namespace aws
