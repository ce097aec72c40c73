// The sources of credentials in the SDKs' order. A source that is not set up lets the next one try; one that is and fails ends
// the search, so that nobody is somebody else by accident (a pod whose token cannot be read is not its node).
#include <functional>

#include "aws_errors.h"
#include "aws_text.h"
#include "process.h"
#include "session.h"
#include "sso.h"
#include "sts.h"

namespace aws {

using dso::sdk::Failure;
using Method = Settings::Method;
using Base = ProfilePlan::Base;

namespace {

Secret from_file(const dso::sdk::Host& host, const std::string& path, std::string_view what) {
  std::string_view content;
  try {
    content = host.read_file(path);
  } catch (const Failure& f) {
    if (f.cls == DSO_E_ACCESS_DENIED) throw;  // the host does not trust it, and says why
    unavailable("cannot read " + path + ": " + f.message, "Put the " + std::string(what) + " there.");
  }
  Secret out = secret(trimmed(content));
  if (out.empty()) unavailable(path + " is empty", "Put the " + std::string(what) + " there.");
  for (const char c : out)
    if (static_cast<unsigned char>(c) < 0x21 || static_cast<unsigned char>(c) > 0x7e)
      unavailable(path + " holds characters that no such credential has", "It must be one line of plain text.");
  return out;
}

}  // namespace

const ProfileFile& Session::files() {
  if (files_) return *files_;
  const auto read = [this](const std::string& path, FileKind kind) {
    try {
      return parse_profiles(host_.read_file(path), kind);
    } catch (const Failure& f) {  // not there is what most hosts have; one that others may write is not passed over
      if (f.cls == DSO_E_ACCESS_DENIED) throw;
      return ProfileFile{};
    }
  };
  ProfileFile config = read(settings_.config_file, FileKind::config);
  ProfileFile credentials = read(settings_.credentials_file, FileKind::credentials);
  if (!config.error.empty()) unavailable(settings_.config_file + ", " + config.error, "Correct the file.");
  if (!credentials.error.empty()) unavailable(settings_.credentials_file + ", " + credentials.error, "Correct the file.");
  return files_.emplace(merged(std::move(config), std::move(credentials)));
}

Credentials Session::from_settings() {
  Credentials c;
  c.access_key_id = settings_.access_key_id;
  c.secret_access_key = from_file(host_, settings_.secret_access_key_file, "secret access key");
  if (!settings_.session_token_file.empty()) c.session_token = from_file(host_, settings_.session_token_file, "session token");
  c.identity = "access key " + c.access_key_id;
  return c;
}

std::optional<Credentials> Session::from_environment() {
  Credentials c;
  c.access_key_id = host_.env("AWS_ACCESS_KEY_ID").value_or("");
  c.secret_access_key = secret(host_.env("AWS_SECRET_ACCESS_KEY").value_or(""));
  if (c.access_key_id.empty() && c.secret_access_key.empty()) return std::nullopt;
  if (c.access_key_id.empty() || c.secret_access_key.empty())
    unavailable("half a key pair is in the environment", "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither.");
  c.session_token = secret(host_.env("AWS_SESSION_TOKEN").value_or(""));
  c.identity = "access key " + c.access_key_id + " of the environment";
  return c;
}

std::optional<Credentials> Session::web_identity(std::string_view role, std::string_view session, const std::string& file) {
  if (file.empty()) return std::nullopt;
  if (role.empty()) unavailable("a web identity token without a role", "Set role_arn (or AWS_ROLE_ARN).");
  const std::string where = region();
  Sts sts(client_, origin_of(Service::sts, where), where);
  const std::string name = session_name(session, settings_.instance);
  // Read anew each time: whoever wrote it rotates it.
  return sts.with_web_identity(role, name, view(from_file(host_, file, "web identity token")));
}

Credentials Session::with_roles(const std::vector<RoleStep>& roles, Credentials c) {
  if (roles.empty()) return c;
  const std::string where = region();
  for (RoleStep step : roles) {
    step.session_name = session_name(step.session_name, settings_.instance);
    c = Sts(client_, origin_of(Service::sts, where), where).assume_role(step, c);
  }
  return c;
}

Credentials Session::base_of(const ProfilePlan& plan) {
  const Properties* p = plan.properties;
  switch (plan.base) {
    case Base::static_keys: {
      Credentials c;
      c.access_key_id = property(*p, "aws_access_key_id");
      c.secret_access_key = secret(property(*p, "aws_secret_access_key"));
      c.session_token = secret(property(*p, "aws_session_token"));
      c.identity = "access key " + c.access_key_id + " of profile " + plan.profile;
      return c;
    }
    case Base::web_identity:
      return *web_identity(property(*p, "role_arn"), property(*p, "role_session_name"),
                           std::string(property(*p, "web_identity_token_file")));
    case Base::sso: return sso_credentials(host_, client_, files(), plan);
    case Base::environment: {
      auto c = from_environment();
      if (!c) unavailable("the profile's credential_source is Environment, but AWS_ACCESS_KEY_ID is not set", "Set it.");
      return *c;
    }
    case Base::instance: return instance_.credentials();
    case Base::container: return container_credentials(host_);
    case Base::process:
      if (!settings_.allow_credential_process)
        throw Failure(
            DSO_E_UNSUPPORTED, "the profile '" + plan.profile + "' has a credential_process, which is not allowed",
            "If you trust what it names, set auth: {params: {allow_credential_process: true}}; or use a role, keys in a "
            "file, or SSO.");
      return process_credentials(host_, *p, plan.profile);
    case Base::none: break;
  }
  unavailable("the profile '" + plan.profile + "' says nothing about credentials", "Give it keys, a role or SSO.");
}

std::optional<Credentials> Session::from_profile(bool roles_only) {
  const ProfilePlan plan = plan_of(files(), profile_name());
  if (!plan.properties) {
    if (!settings_.profile.empty() && files().profiles.find(settings_.profile) == files().profiles.end())
      unavailable(
          "there is no profile '" + settings_.profile + "' in " + settings_.config_file + " or " + settings_.credentials_file,
          "Check the setting profile (or AWS_PROFILE).");
    return std::nullopt;
  }
  const bool role = !plan.roles.empty() || plan.base == Base::web_identity;
  if (plan.base == Base::none || (roles_only && !role)) return std::nullopt;
  return with_roles(plan.roles, base_of(plan));
}

Credentials Session::from_chain(bool& found) {
  const auto env = [this](std::string_view name) { return std::string(host_.env(name).value_or("")); };
  const bool any = settings_.method == Method::chain;
  std::optional<Credentials> c;
  const auto attempt = [&](std::string_view what, Method m, const std::function<std::optional<Credentials>()>& source) {
    if (c || (!any && settings_.method != m)) return;
    if (!(c = source())) looked_at_.emplace_back(what);
  };
  if (!settings_.access_key_id.empty() && (any || settings_.method == Method::static_keys)) return from_settings();
  if (settings_.method == Method::static_keys) looked_at_.emplace_back("the settings, which have no access_key_id");
  if (!settings_.profile_in_config) attempt("environment", Method::environment, [this] { return from_environment(); });
  if (!c && !settings_.profile.empty() && settings_.profile_in_config && settings_.method != Method::web_identity) {
    c = from_profile(false);  // asked for by name: nothing else will do
    if (!c) unavailable("the profile '" + settings_.profile + "' says nothing about credentials", "Give it keys or a role.");
  }
  attempt("role of the profile", Method::profile, [this] { return from_profile(true); });
  attempt("web identity", Method::web_identity,
          [&] { return web_identity(env("AWS_ROLE_ARN"), env("AWS_ROLE_SESSION_NAME"), env("AWS_WEB_IDENTITY_TOKEN_FILE")); });
  attempt("profile", Method::profile, [this] { return from_profile(false); });
  attempt("container", Method::container, [&]() -> std::optional<Credentials> {
    if (any && container_credentials_url(host_).empty()) return std::nullopt;
    return container_credentials(host_);
  });
  attempt("instance metadata", Method::instance, [this]() -> std::optional<Credentials> {
    try {
      return instance_.credentials();
    } catch (const Failure& f) {  // the last one: what the others lacked is told with it
      if (f.cls != DSO_E_CREDENTIALS_UNAVAILABLE) throw;
      looked_at_.push_back(f.message + " (" + f.next_step + ")");
      return std::nullopt;
    }
  });
  found = c.has_value();
  return c ? std::move(*c) : Credentials{};
}

Credentials Session::obtain() {
  looked_at_.clear();
  if (!settings_.web_identity_token_file.empty())
    return *web_identity(settings_.role_arn, settings_.role_session_name, settings_.web_identity_token_file);
  bool found = true;
  Credentials c = from_chain(found);
  if (!found) {
    std::string tried;
    for (const std::string& one : looked_at_) tried += (tried.empty() ? "" : "; ") + one;
    unavailable("no AWS credentials were found; looked at: " + tried,
                "Set access_key_id and secret_access_key_file, a profile, a role, or run where AWS gives one.");
  }
  if (settings_.role_arn.empty() || c.identity == "role " + settings_.role_arn) return c;
  return with_roles({{settings_.role_arn, settings_.external_id, settings_.role_session_name, 0}}, std::move(c));
}

}  // namespace aws
