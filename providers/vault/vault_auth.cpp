// Token sources (config, file, environment) and the AppRole login with its renewal.
#include "vault_auth.h"

#include <algorithm>

namespace vault {

using dso::sdk::Failure;
using Method = Settings::Method;

namespace {

constexpr std::int64_t kRetryMs = 10'000;  // after a renewal that failed while the token is still good

Secret trimmed(std::string_view text) {
  const auto space = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  return secret(text);
}

/// A credential that would break a header or is no credential at all.
void check_credential(std::string_view value, std::string_view what) {
  for (const char c : value)
    if (static_cast<unsigned char>(c) < 0x21 || static_cast<unsigned char>(c) > 0x7e)
      throw Failure(DSO_E_CREDENTIALS_UNAVAILABLE, std::string(what) + " holds characters that no such credential has",
                    "It must be one line of plain text.");
}

Secret from_file(const dso::sdk::Host& host, const std::string& path, std::string_view what) {
  std::string_view content;
  try {
    content = host.read_file(path);
  } catch (Failure& f) {
    throw Failure(DSO_E_CREDENTIALS_UNAVAILABLE, "cannot read " + path + ": " + f.message,
                  "Put the " + std::string(what) + " there.");
  }
  Secret s = trimmed(content);
  if (s.empty()) throw Failure(DSO_E_CREDENTIALS_UNAVAILABLE, path + " is empty", "Put the " + std::string(what) + " there.");
  check_credential(view(s), path);
  return s;
}

}  // namespace

std::int64_t refresh_time(std::int64_t now_ms, std::int64_t ttl_ms) {
  return ttl_ms <= 0 ? 0 : now_ms + ttl_ms / 3 * 2;
}

void Session::begin() {
  verified_ = false;
  failed_.reset();
}

std::string Session::identity() const {
  if (settings_.method == Method::approle) return role_name_.empty() ? "approle" : "approle " + role_name_;
  if (!settings_.token_file.empty()) return "token from " + settings_.token_file;
  return settings_.token_from_env ? "token from VAULT_TOKEN" : "token from the config";
}

std::string Session::next_step() const {
  if (settings_.method == Method::approle) return "Check the role's token_ttl and token_num_uses.";
  if (!settings_.token_file.empty()) return "Put a valid token into " + settings_.token_file + "; it is read again.";
  return std::string("Give a valid token in ") + (settings_.token_from_env ? "VAULT_TOKEN" : "the setting token") +
         " and restart the agent, or use auth method approle, which logs in again by itself.";
}

Reply Session::ask(Client::Call call) {
  call.token = token();
  Reply reply = client_.send(call);
  if (reply.status != 403) return reply;
  // Denied to a good token, or a bad token? Vault says 403 to both.
  if (reply.facts.hint != Hint::invalid_token && token_works()) return reply;
  replace_token();
  call.token = view(token_);
  reply = client_.send(call);
  if (reply.status == 403 && (reply.facts.hint == Hint::invalid_token || !token_works()))
    throw failed_.emplace(token_refused(identity(), next_step()));
  return reply;
}

std::string_view Session::token() {
  if (failed_) throw Failure(*failed_);
  try {
    obtain();
  } catch (const Failure& f) {
    failed_ = f;
    throw;
  }
  return view(token_);
}

void Session::obtain() {
  if (settings_.method == Method::approle) {
    const std::int64_t now = host_.now_ms();
    if (token_.empty() || (expires_at_ms_ && now >= expires_at_ms_))
      log_in();
    else if (refresh_at_ms_ && now >= refresh_at_ms_)
      refresh();
    return;
  }
  if (!token_.empty()) return;
  if (!settings_.token_file.empty())
    token_ = from_file(host_, settings_.token_file, "token");
  else if (!settings_.token.empty())
    token_ = trimmed(view(settings_.token));
  else
    throw Failure(DSO_E_CREDENTIALS_UNAVAILABLE, "no Vault token and no other credential",
                  "Set auth method approle with role_id and secret_id_file, or token_file, or the variable VAULT_TOKEN.");
  check_credential(view(token_), "the Vault token");
}

/// May the token still speak for us at all? A policy without lookup-self looks like a bad token; a fresh login then tells.
bool Session::token_works() {
  if (verified_) return true;
  const Context context{
      .operation = Operation::lookup_self, .path = "auth/token/lookup-self", .ns = settings_.ns, .identity = identity()};
  const Reply reply = client_.send({.path = context.path, .token = view(token_)});
  if (reply.status == 403) return false;
  if (reply.status == 429 || reply.status >= 500) throw failure_of(reply.status, reply.facts, context, reply.retry_after);
  return verified_ = true;
}

void Session::replace_token() {
  try {
    if (settings_.method == Method::approle) {
      token_.clear();
      return log_in();
    }
    Secret old = std::move(token_);
    token_.clear();
    if (settings_.token_file.empty()) throw token_refused(identity(), next_step());
    obtain();  // the file may hold a newer one: Vault Agent writes such files
    if (view(old) == view(token_)) throw token_refused(identity(), next_step());
  } catch (const Failure& f) {
    failed_ = f;
    throw;
  }
}

void Session::refresh() {
  try {
    if (renewable_ && renew()) return;
  } catch (const Failure&) {  // the login below says more
  }
  try {
    log_in();
  } catch (const Failure& f) {
    host_.log(DSO_LOG_WARN, "renewing the Vault token failed, the present one is used on: " + f.message);
    refresh_at_ms_ = host_.now_ms() + kRetryMs;
  }
}

bool Session::renew() {
  const Reply reply = client_.send({.method = "POST", .path = "auth/token/renew-self", .token = view(token_), .body = "{}"});
  if (!reply.ok()) return false;
  take(reply.member("auth", {.operation = Operation::renew_token, .path = "auth/token/renew-self"}));
  // Near its maximal life a renewal adds little: log in anew while the old one still holds.
  return expires_at_ms_ == 0 || expires_at_ms_ - host_.now_ms() >= login_ttl_ms_ / 2;
}

void Session::log_in() {
  const Secret role =
      settings_.role_id_file.empty() ? trimmed(view(settings_.role_id)) : from_file(host_, settings_.role_id_file, "role id");
  const Secret id = secret_id();
  const Secret body =
      id.empty() ? json_object({{"role_id", view(role)}}) : json_object({{"role_id", view(role)}, {"secret_id", view(id)}});
  const std::string path = "auth/" + settings_.auth_mount + "/login";
  const Context context{.operation = Operation::login, .path = path, .ns = settings_.ns, .identity = identity()};
  try {
    const Reply reply = client_.send({.method = "POST", .path = encode_path(path), .body = view(body)}, context);
    take(reply.member("auth", context));
  } catch (const Failure& f) {
    if (f.cls == DSO_E_INVALID_CREDENTIALS) unwrapped_secret_id_.clear();
    throw;
  }
  login_ttl_ms_ = expires_at_ms_ ? expires_at_ms_ - host_.now_ms() : 0;
  verified_ = true;
}

void Session::take(const boost::json::object& auth) {
  const std::string_view token = string_at(auth, "client_token");
  if (token.empty())
    throw Failure(DSO_E_INVALID_CREDENTIALS, "the login gave no token: does it ask for a second factor?",
                  "Use a role without MFA for machines.");
  check_credential(token, "the token of the login");
  token_ = secret(token);
  renewable_ = bool_at(auth, "renewable");
  const std::int64_t ttl = std::clamp<std::int64_t>(integer_at(auth, "lease_duration", 0), 0, 10LL * 365 * 86400) * 1000;
  const std::int64_t now = host_.now_ms();
  expires_at_ms_ = ttl ? now + ttl : 0;
  refresh_at_ms_ = refresh_time(now, ttl);
  if (const auto* metadata = object_at(auth, "metadata"))
    if (const auto name = string_at(*metadata, "role_name"); !name.empty()) role_name_ = name;
}

Secret Session::secret_id() {
  if (!unwrapped_secret_id_.empty()) return unwrapped_secret_id_;
  const Secret given = settings_.secret_id_file.empty() ? trimmed(view(settings_.secret_id))
                                                        : from_file(host_, settings_.secret_id_file, "secret id");
  if (settings_.wrapping_path.empty()) return given;
  if (given.empty())
    throw Failure(DSO_E_CREDENTIALS_UNAVAILABLE, "no wrapped secret id", "Set secret_id_file to the wrapping token's file.");
  if (view(given) == view(spent_wrapping_token_))
    throw Failure(DSO_E_INVALID_CREDENTIALS, "the secret id that was unwrapped earlier no longer works",
                  "Deliver a newly wrapped secret id.");
  unwrapped_secret_id_ = unwrap(view(given));
  spent_wrapping_token_ = given;
  return unwrapped_secret_id_;
}

/// Where a wrapping token was made is looked at first: one made elsewhere is a swapped one, and is not used up.
Secret Session::unwrap(std::string_view wrapping_token) {
  const Context context{
      .operation = Operation::unwrap, .path = "sys/wrapping/lookup", .ns = settings_.ns, .identity = identity()};
  {
    const Secret body = json_object({{"token", wrapping_token}});
    const Reply reply = client_.send({.method = "POST", .path = "sys/wrapping/lookup", .body = view(body)}, context);
    const std::string_view made_at = string_at(reply.member("data", context), "creation_path");
    if (made_at != settings_.wrapping_path)
      throw Failure(DSO_E_INVALID_CREDENTIALS,
                    "the wrapping token was made at '" + std::string(made_at.substr(0, 200)) + "', not at '" +
                        settings_.wrapping_path + "'",
                    "Check secret_id_response_wrapping_path; if it is right, the wrapped secret id may have been exchanged.");
  }
  const Reply reply =
      client_.send({.method = "POST", .path = "sys/wrapping/unwrap", .token = wrapping_token, .body = "{}"}, context);
  const std::string_view id = string_at(reply.member("data", context), "secret_id");
  if (id.empty()) throw malformed(reply.status, context, "what was unwrapped holds no secret id");
  return secret(id);
}

}  // namespace vault
