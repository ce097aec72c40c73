// The bodies of logins, credentials from files, and unwrapping with its alarm.
#include "vault_login.h"

#include "cloud_login.h"

namespace vault {

using dso::sdk::Failure;
using Method = Settings::Method;

Secret without_space(std::string_view text) {
  const auto space = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  return secret(text);
}

void check_credential(std::string_view value, std::string_view what) {
  for (const char c : value)
    if (static_cast<unsigned char>(c) < 0x21 || static_cast<unsigned char>(c) > 0x7e)
      throw Failure(DSO_E_CREDENTIALS_UNAVAILABLE, std::string(what) + " holds characters that no such credential has",
                    "It must be one line of plain text.");
}

namespace {

/// A file's text as it is; empty is as good as missing.
std::string_view text_of(const dso::sdk::Host& host, const std::string& path, std::string_view what) {
  const std::string next = "Put the " + std::string(what) + " there.";
  try {
    const std::string_view content = host.read_file(path);
    if (!content.empty()) return content;
  } catch (Failure& f) {
    if (f.cls == DSO_E_ACCESS_DENIED) throw;  // the host does not trust it, and says why
    throw Failure(DSO_E_CREDENTIALS_UNAVAILABLE, "cannot read " + path + ": " + f.message, next);
  }
  throw Failure(DSO_E_CREDENTIALS_UNAVAILABLE, path + " is empty", next);
}

}  // namespace

Secret credential_from_file(const dso::sdk::Host& host, const std::string& path, std::string_view what) {
  Secret s = without_space(text_of(host, path, what));
  if (s.empty()) throw Failure(DSO_E_CREDENTIALS_UNAVAILABLE, path + " is empty", "Put the " + std::string(what) + " there.");
  check_credential(view(s), path);
  return s;
}

std::string name_in(const boost::json::object& auth) {
  const auto* metadata = object_at(auth, "metadata");
  if (!metadata) return {};
  for (const char* key : {"role_name", "role", "username", "cert_name"})
    if (const auto name = string_at(*metadata, key); !name.empty()) return std::string(name.substr(0, 100));
  return {};
}

std::string Login::path() const {
  std::string path = "auth/" + settings_.auth_mount + "/login";
  if (settings_.method == Method::userpass) path += "/" + settings_.username;
  return path;
}

Secret Login::body(const std::string& identity) {
  switch (settings_.method) {
    case Method::approle: {
      const Secret role = settings_.role_id_file.empty() ? without_space(view(settings_.role_id))
                                                         : credential_from_file(host_, settings_.role_id_file, "role id");
      const Secret id = secret_id(identity);
      if (id.empty()) return json_object({{"role_id", view(role)}});
      return json_object({{"role_id", view(role)}, {"secret_id", view(id)}});
    }
    case Method::jwt:
    case Method::kubernetes: {
      const Secret jwt = credential_from_file(host_, settings_.jwt_file, "JWT");
      if (settings_.role.empty()) return json_object({{"jwt", view(jwt)}});
      return json_object({{"role", settings_.role}, {"jwt", view(jwt)}});
    }
    case Method::cert:
      if (settings_.role.empty()) return secret("{}");
      return json_object({{"name", settings_.role}});
    case Method::userpass: {
      if (settings_.password_file.empty()) return json_object({{"password", view(settings_.password)}});
      // The one line end that an editor leaves; a password may well begin or end with a space.
      std::string_view password = text_of(host_, settings_.password_file, "password");
      if (password.ends_with('\n')) password.remove_suffix(1);
      if (password.ends_with('\r')) password.remove_suffix(1);
      return json_object({{"password", password}});
    }
    case Method::aws: return aws_login_body(host_, settings_);
    case Method::azure: return azure_login_body(host_, settings_);
    case Method::token: break;
  }
  return {};
}

Secret Login::secret_id(const std::string& identity) {
  if (!unwrapped_.empty()) return unwrapped_;
  Secret given = settings_.secret_id_file.empty() ? without_space(view(settings_.secret_id))
                                                  : credential_from_file(host_, settings_.secret_id_file, "secret id");
  if (settings_.wrapping_path.empty()) {
    if (view(given).starts_with("hvs."))
      throw Failure(DSO_E_INVALID_CREDENTIALS, "the secret id is a token of Vault's: a wrapping token, or one for something else",
                    "If a secret id is wrapped in it, say where it was made: secret_id_response_wrapping_path: "
                    "auth/approle/role/NAME/secret-id.");
    return given;
  }
  if (given.empty())
    throw Failure(DSO_E_CREDENTIALS_UNAVAILABLE, "no wrapped secret id", "Set secret_id_file to the wrapping token's file.");
  if (view(given) == view(spent_))
    throw Failure(DSO_E_INVALID_CREDENTIALS, "the secret id that was unwrapped earlier no longer works",
                  "Deliver a newly wrapped secret id.");
  try {
    unwrapped_ = unwrap(view(given), identity);
  } catch (const Failure& f) {
    if (f.cls == DSO_E_INVALID_CREDENTIALS && view(given) != view(alarmed_)) {
      alarm(f.message);
      alarmed_ = given;
    }
    throw;
  }
  spent_ = given;
  return unwrapped_;
}

/// Not one error among others: whoever opened it first can now log in as us.
void Login::alarm(const std::string& message) const {
  host_.log(DSO_LOG_ERROR, "SECURITY: the wrapped secret id of auth/" + settings_.auth_mount +
                               " may have been stolen: " + message +
                               ". Look into Vault's audit log who unwrapped it, revoke that secret id, deliver a new one");
}

/// Where a wrapping token was made is looked at first: one made elsewhere is a swapped one, and is not used up.
Secret Login::unwrap(std::string_view wrapping_token, const std::string& identity) {
  const Context context{.operation = Operation::unwrap, .path = "sys/wrapping/lookup", .ns = settings_.ns, .identity = identity};
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
