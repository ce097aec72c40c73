// Strict: an unknown setting is an error with the nearest known one, since nobody else knows this provider's settings.
#include "aws_config.h"

#include <algorithm>
#include <array>

#include "aws_json.h"
#include "aws_text.h"
#include "endpoints.h"

namespace aws {
namespace {

using boost::json::object;
using dso::sdk::Failure;
using dso::sdk::Host;

// The host's business.
constexpr std::array<std::string_view, 10> kHosts{"ca_file", "client_cert", "client_key", "client_cert_file", "client_key_file",
                                                  "proxy",   "timeout",     "retry",      "sandbox",          "egress"};
constexpr std::array<std::string_view, 14> kOurs{"region",
                                                 "endpoint",
                                                 "profile",
                                                 "role_arn",
                                                 "external_id",
                                                 "role_session_name",
                                                 "access_key_id",
                                                 "secret_access_key_file",
                                                 "session_token_file",
                                                 "use_fips",
                                                 "use_dualstack",
                                                 "web_identity_token_file",
                                                 "allow_credential_process",
                                                 "address"};

[[noreturn]] void refuse_config(std::string message, std::string next = {}) {
  throw Failure(DSO_E_INVALID_REQUEST, std::move(message), std::move(next));
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::array<std::size_t, 64> row{};
  if (a.size() > 60 || b.size() > 60) return 60;
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replace});
    }
  }
  return row[b.size()];
}

void check_keys(const object* o, bool with_hosts, std::string_view where) {
  if (!o) return;
  for (const auto& member : *o) {
    const std::string_view key(member.key().data(), member.key().size());
    if (key == "secret_access_key" || key == "session_token")
      refuse_config("'" + std::string(key) + "' may not stand in the config",
                    "Put it in a file that only root can read, and name that with '" + std::string(key) + "_file'.");
    if (std::find(kOurs.begin(), kOurs.end(), key) != kOurs.end()) continue;
    if (with_hosts && std::find(kHosts.begin(), kHosts.end(), key) != kHosts.end()) continue;
    std::string_view nearest;
    for (const std::string_view k : kOurs)
      if (edit_distance(k, key) <= 2) nearest = k;
    refuse_config(
        "unknown " + std::string(where) + " '" + std::string(key) + "'",
        nearest.empty() ? "See providers/aws/README.md for the settings." : "Did you mean '" + std::string(nearest) + "'?");
  }
}

/// Parameters of `auth` count before settings of the same name.
struct Source {
  const object* settings;
  const object* params;
  std::string text(std::string_view key) const {
    if (params)
      if (const auto s = string_at(*params, key); !s.empty()) return std::string(s);
    return std::string(settings ? string_at(*settings, key) : std::string_view());
  }
};

std::optional<bool> truth(std::string_view text, std::string_view what) {
  const std::string t = lower(text);
  if (t.empty()) return std::nullopt;
  if (t == "true" || t == "yes" || t == "1") return true;
  if (t == "false" || t == "no" || t == "0") return false;
  refuse_config("'" + std::string(what) + "' must be true or false");
}

Settings::Method method_of(std::string_view name) {
  using M = Settings::Method;
  const std::string n = lower(name);
  constexpr std::array<std::pair<std::string_view, M>, 14> kMethods{{{"", M::chain},
                                                                     {"default", M::chain},
                                                                     {"access_key", M::static_keys},
                                                                     {"static", M::static_keys},
                                                                     {"env", M::environment},
                                                                     {"profile", M::profile},
                                                                     {"sso", M::profile},
                                                                     {"web_identity", M::web_identity},
                                                                     {"iam_role", M::chain},
                                                                     {"container", M::container},
                                                                     {"ecs", M::container},
                                                                     {"eks", M::container},
                                                                     {"instance", M::instance},
                                                                     {"imds", M::instance}}};
  for (const auto& [known, method] : kMethods)
    if (n == known) return method;
  refuse_config("the auth method '" + std::string(name) + "' is not one of this provider's",
                "Use access_key, env, profile, web_identity, container or instance, or leave it out for all of them in turn.");
}

std::string checked_file(const Source& from, std::string_view key) {
  std::string path = from.text(key);
  if (!path.empty() && path.front() != '/') refuse_config("'" + std::string(key) + "' must be an absolute path", "Write it out.");
  return path;
}

std::string checked_endpoint(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  if (url.empty()) return url;
  const bool plain = url.starts_with("http://");
  if (!plain && !url.starts_with("https://"))
    refuse_config("the endpoint must begin with https:// or http://", "Leave it out to use the region's own.");
  if (std::string_view(url).substr(plain ? 7 : 8).find_first_of("/@?# \t\r\n") != std::string_view::npos)
    refuse_config("the endpoint must be scheme, host and port", "Write endpoint: https://host:port.");
  return url;
}

}  // namespace

std::string session_name(std::string_view wanted, std::string_view instance) {
  std::string out = wanted.empty() ? "dso-" + std::string(instance) : std::string(wanted);
  for (char& c : out) {
    const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      std::string_view("_+=,.@-").find(c) != std::string_view::npos;
    if (!fine) c = '-';
  }
  if (out.size() < 2) out += "-dso";
  return out.substr(0, 64);
}

Settings read_settings(const Host& host, std::string_view config) {
  const auto document = Document::parse(config);
  if (!document) refuse_config("the config is not a JSON object", "This is a mistake in the host.");
  const object* settings = object_at(document->root(), "settings");
  const object* auth = object_at(document->root(), "auth");
  const object* params = auth ? object_at(*auth, "params") : nullptr;
  check_keys(settings, true, "setting");
  check_keys(params, false, "auth parameter");
  const Source from{settings, params};
  const auto env = [&host](std::string_view name) { return std::string(host.env(name).value_or("")); };

  Settings s;
  s.instance = string_at(document->root(), "name");
  s.region = from.text("region");
  if (s.region.empty()) s.region = env("AWS_REGION");
  if (s.region.empty()) s.region = env("AWS_DEFAULT_REGION");
  if (!s.region.empty() && !is_region(s.region)) refuse_config("this is not a region's name", "Write region: eu-west-1.");
  s.endpoint = checked_endpoint(from.text("endpoint").empty() ? from.text("address") : from.text("endpoint"));
  s.fips = truth(from.text("use_fips"), "use_fips");
  if (!s.fips) s.fips = truth(env("AWS_USE_FIPS_ENDPOINT"), "AWS_USE_FIPS_ENDPOINT");
  s.dualstack = truth(from.text("use_dualstack"), "use_dualstack");
  if (!s.dualstack) s.dualstack = truth(env("AWS_USE_DUALSTACK_ENDPOINT"), "AWS_USE_DUALSTACK_ENDPOINT");
  s.ignore_configured_endpoints =
      truth(env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"), "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").value_or(false);

  s.method = method_of(auth ? string_at(*auth, "method") : "");
  s.access_key_id = from.text("access_key_id");
  s.secret_access_key_file = checked_file(from, "secret_access_key_file");
  s.session_token_file = checked_file(from, "session_token_file");
  if (s.access_key_id.empty() != s.secret_access_key_file.empty())
    refuse_config("access_key_id and secret_access_key_file belong together",
                  "Set both, or neither to use the environment, a profile or the machine's role.");
  s.profile = from.text("profile");
  s.profile_in_config = !s.profile.empty();
  if (s.profile.empty()) s.profile = env("AWS_PROFILE");
  s.role_arn = from.text("role_arn");
  if (!s.role_arn.empty() && !parse_arn(s.role_arn))
    refuse_config("role_arn is no ARN", "Write role_arn: arn:aws:iam::123456789012:role/NAME.");
  s.external_id = from.text("external_id");
  s.role_session_name = from.text("role_session_name");
  s.web_identity_token_file = checked_file(from, "web_identity_token_file");
  s.allow_credential_process = truth(from.text("allow_credential_process"), "allow_credential_process").value_or(false);
  if (auto file = env("AWS_CONFIG_FILE"); !file.empty()) s.config_file = file;
  if (auto file = env("AWS_SHARED_CREDENTIALS_FILE"); !file.empty()) s.credentials_file = file;
  return s;
}

}  // namespace aws
