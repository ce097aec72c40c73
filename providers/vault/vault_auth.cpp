// A token by login is renewed, replaced before it ends and given back. One that was given is renewed as long as that goes.
#include "vault_auth.h"

#include <utility>

namespace vault {

using dso::sdk::Failure;
using Method = Settings::Method;

void Session::begin() {
  verified_ = false;
  failed_.reset();
  ++entries_;
  pace_.look(host_.now_ms());
}

std::string Session::identity() const {
  if (logs_in()) {
    const std::string& name = !name_.empty() ? name_ : settings_.method == Method::userpass ? settings_.username : settings_.role;
    return std::string(settings_.method_name()) + (name.empty() ? "" : " " + name);
  }
  if (!settings_.token_file.empty()) return "token from " + settings_.token_file;
  return settings_.token_from_env ? "token from VAULT_TOKEN" : "token from the config";
}

std::string Session::next_step() const {
  if (logs_in()) return "Check the role's token_ttl and token_num_uses.";
  if (!settings_.token_file.empty()) return "Put a valid token into " + settings_.token_file + "; it is read again.";
  return std::string("Give a valid token in ") + (settings_.token_from_env ? "VAULT_TOKEN" : "the setting token") +
         " and restart the agent, or use auth method approle, which logs in again by itself.";
}

/// A given token may have been a wrapping token: Vault does not tell, and has used it up by saying no.
Failure Session::refused() const {
  return token_refused(identity(), next_step() + (logs_in() ? ""
                                                            : " A wrapping token is none, and is used up by this: give what "
                                                              "`vault unwrap` gives for another one."));
}

Reply Session::ask(Client::Call call) {
  call.token = token();
  Reply reply = client_.send(call);
  if (reply.ok()) good_ = generation_;
  if (reply.status != 403) return reply;
  // Denied to a good token, or a bad token? Vault says 403 to both.
  if (reply.facts.hint != Hint::invalid_token && token_works()) return reply;
  replace_token();
  call.token = view(token_);
  reply = client_.send(call);
  if (reply.status == 403 && (reply.facts.hint == Hint::invalid_token || !token_works())) throw failed_.emplace(refused());
  return reply;
}

std::vector<std::size_t> Session::ask_all(std::vector<Client::Call> calls, const Client::Each& each) {
  const std::string_view with = token();
  for (Client::Call& call : calls) call.token = with;
  std::vector<std::size_t> unclear;
  client_.send_all(calls, [&](std::size_t i, const Client::Outcome& outcome) {
    if (!outcome.failed() && outcome.reply().status == 403 && (outcome.reply().facts.hint == Hint::invalid_token || !verified_))
      unclear.push_back(i);
    else
      each(i, outcome);
  });
  return unclear;
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
  if (!logs_in()) return obtain_given();
  const Due what = token_.empty() ? Due::over : due(life_, host_.now_ms(), look_ms());
  if (what == Due::over)
    log_in();
  else if (what != Due::nothing)
    refresh(what);
}

void Session::obtain_given() {
  if (token_.empty()) {
    if (!settings_.token_file.empty())
      token_ = credential_from_file(host_, settings_.token_file, "token");
    else if (!settings_.token.empty())
      token_ = without_space(view(settings_.token));
    else
      throw Failure(DSO_E_CREDENTIALS_UNAVAILABLE, "no Vault token and no other credential",
                    "Set auth method approle with role_id and secret_id_file, or token_file, or the variable VAULT_TOKEN.");
    check_credential(view(token_), "the Vault token");
    ++generation_;
    former_end_ms_ = life_.end_ms();
    life_ = {};
    looked_up_ = end_foretold_ = false;
  }
  // A program that asks once and ends needs not know how long its token lives; and where nothing was ever answered, the question
  // would take the time of the one that matters.
  if (!looked_up_ && entries_ > 1 && good_ > 0) look_up_given();
  const Due what = due(life_, host_.now_ms(), look_ms());
  if (what == Due::nothing || (what == Due::renew && renew())) return;
  life_ = failed(life_, host_.now_ms());
  if (what == Due::renew) return;
  if (!settings_.token_file.empty()) return take_newer_file();
  if (!std::exchange(end_foretold_, true))
    host_.log(DSO_LOG_WARN, "the Vault token (" + identity() + ") ends soon and cannot be renewed any further. " + next_step());
}

/// Who writes the file may have put the next token there while the present one still holds; what is leased then moves over.
void Session::take_newer_file() {
  try {
    if (view(credential_from_file(host_, settings_.token_file, "token")) == view(token_)) return;
  } catch (const Failure&) {  // until Vault refuses the present one
    return;
  }
  token_.clear();
  obtain_given();
}

void Session::look_up_given() {
  try {
    const Context context{.operation = Operation::lookup_self, .path = "auth/token/lookup-self"};
    const Reply reply = client_.send({.path = context.path, .token = view(token_)});
    if (reply.status == 429 || reply.status >= 500) return;  // another time
    looked_up_ = true;
    if (!reply.ok()) return;  // the request itself will tell why
    const boost::json::object& data = reply.member("data", context);
    life_ = begun(host_.now_ms(), integer_at(data, "ttl", 0), bool_at(data, "renewable"));
    verified_ = true;
  } catch (const Failure&) {  // likewise
  }
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
  refused_ = generation_;
  try {
    if (logs_in()) {
      token_.clear();
      return log_in();
    }
    const Secret old = std::move(token_);
    token_.clear();
    if (settings_.token_file.empty()) throw refused();
    obtain();  // the file may hold a newer one: Vault Agent writes such files
    if (view(old) == view(token_)) throw refused();
  } catch (const Failure& f) {
    failed_ = f;
    throw;
  }
}

void Session::refresh(Due what) {
  if (what == Due::renew && renew()) return;
  try {
    log_in();
  } catch (const Failure& f) {
    host_.log(DSO_LOG_WARN, "renewing the Vault token failed, the present one is used on: " + f.message);
    life_ = failed(life_, host_.now_ms());
  }
}

/// False: it failed or gave little, as it does near the token's maximal life.
bool Session::renew() {
  try {
    const Context context{.operation = Operation::renew_token, .path = "auth/token/renew-self"};
    const Reply reply = client_.send({.method = "POST", .path = context.path, .token = view(token_), .body = "{}"});
    if (!reply.ok()) return false;
    const boost::json::object& auth = reply.member("auth", context);
    life_ = renewed(life_, host_.now_ms(), integer_at(auth, "lease_duration", 0), bool_at(auth, "renewable"));
    return due(life_, host_.now_ms(), 0) == Due::nothing;
  } catch (const Failure&) {  // what comes instead says more
    return false;
  }
}

void Session::log_in() {
  const std::string path = login_.path();
  const Context context{
      .operation = Operation::login, .path = path, .ns = settings_.ns, .identity = identity(), .method = settings_.method_name()};
  try {
    const Secret body = login_.body(context.identity);
    const Reply reply = client_.send({.method = "POST", .path = encode_path(path), .body = view(body)}, context);
    take(reply.member("auth", context));
  } catch (const Failure& f) {
    if (f.cls == DSO_E_INVALID_CREDENTIALS) login_.refused();
    throw;
  }
  verified_ = true;
  good_ = generation_;
}

void Session::take(const boost::json::object& auth) {
  const std::string_view token = string_at(auth, "client_token");
  if (token.empty())
    throw Failure(DSO_E_INVALID_CREDENTIALS, "the login gave no token: does it ask for a second factor?",
                  "Use a role without MFA for machines.");
  check_credential(token, "the token of the login");
  token_ = secret(token);
  former_end_ms_ = life_.end_ms();
  life_ = begun(host_.now_ms(), integer_at(auth, "lease_duration", 0), bool_at(auth, "renewable"));
  ++generation_;
  if (std::string name = name_in(auth); !name.empty()) name_ = std::move(name);
}

void Session::revoke() noexcept {
  try {
    if (!logs_in() || token_.empty()) return;
    client_.send({.method = "POST", .path = "auth/token/revoke-self", .token = view(token_), .body = "{}", .timeout_ms = 2000});
    token_.clear();
  } catch (...) {
  }
}

}  // namespace vault
