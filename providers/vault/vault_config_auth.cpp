// The auth methods' parameters: which belong to which, and that what a login needs is there. Files are read at the login.
#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <vector>

#include "vault_config_read.h"

namespace vault {
namespace {

using boost::json::object;
using dso::sdk::Failure;
using dso::sdk::Host;
using Method = Settings::Method;
struct MethodFacts {
  std::string_view name;
  Method method;
  std::string_view params;  ///< Between spaces.
};
constexpr std::string_view kAnyMethod = " revoke_on_close address namespace ", kAnyLogin = " mount ";
constexpr std::array kMethods{
    MethodFacts{"token", Method::token, " token token_file "},
    MethodFacts{"approle", Method::approle,
                " role_id role_id_file secret_id secret_id_file secret_id_response_wrapping_path "
                "remove_secret_id_file_after_reading "},
    MethodFacts{"jwt", Method::jwt, " role jwt_file "},
    MethodFacts{"kubernetes", Method::kubernetes, " role jwt_file "},
    MethodFacts{"cert", Method::cert, " name "},
    MethodFacts{"userpass", Method::userpass, " username password password_file "},
    MethodFacts{"aws", Method::aws, " role region header_value "},
    MethodFacts{"azure", Method::azure, " role resource client_id object_id "},
};
const MethodFacts& method_facts(Method m) {
  return *std::find_if(kMethods.begin(), kMethods.end(), [m](const MethodFacts& f) { return f.method == m; });
}

void add_words(std::vector<std::string_view>& out, std::string_view words) {
  for (std::size_t at = words.find_first_not_of(' '); at != std::string_view::npos;) {
    const std::size_t end = std::min(words.find(' ', at), words.size());
    out.push_back(words.substr(at, end - at));
    at = words.find_first_not_of(' ', end);
  }
}

void check_params(const object& params, Method method) {
  const MethodFacts& facts = method_facts(method);
  std::vector<std::string_view> own, all;
  add_words(own, facts.params);
  if (method != Method::token) add_words(own, kAnyLogin);
  add_words(own, kAnyMethod);
  all = own;
  for (const MethodFacts& m : kMethods) add_words(all, m.params);
  add_words(all, kAnyLogin);
  for (const auto& member : params) {
    const std::string_view key(member.key().data(), member.key().size());
    if (std::find(own.begin(), own.end(), key) != own.end()) continue;
    if (std::find(all.begin(), all.end(), key) == all.end())
      refuse("unknown auth parameter '" + std::string(key) + "'", suggestion(key, all));
    std::string names;
    for (const std::string_view name : own) names += (names.empty() ? "" : ", ") + std::string(name);
    refuse("'" + std::string(key) + "' is no parameter of the auth method '" + std::string(facts.name) + "'",
           "It takes: " + names + ".");
  }
}

Method method_of(std::string_view name, const Source& from) {
  std::string lower(name);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  for (const MethodFacts& m : kMethods)
    if (lower == m.name) return m.method;
  if (lower == "k8s") return Method::kubernetes;
  if (!lower.empty()) {
    std::string names;
    for (const MethodFacts& m : kMethods) names += (names.empty() ? "" : ", ") + std::string(m.name);
    refuse("the auth method '" + std::string(name) + "' is not one of this provider's",
           "It has: " + names + "; for any other let Vault Agent write a token to a file, and use token with token_file.");
  }
  const bool has_role = !from.text("role_id").empty() || !from.text("role_id_file").empty();
  return has_role ? Method::approle : Method::token;
}

bool has_client_certificate(const Host& host, const Source& from) {
  for (const char* key : {"client_cert", "client_cert_file"})
    if (!from.text(key).empty()) return true;
  return host.env("VAULT_CLIENT_CERT").has_value();
}

Settings::Revoke revoke_of(const Source& from) {
  const std::string_view text = from.text("revoke_on_close");
  if (text.empty() || text == "unused") return Settings::Revoke::unused;
  if (text == "never") return Settings::Revoke::never;
  if (text == "always") return Settings::Revoke::always;
  refuse("revoke_on_close must be never, unused or always", "See providers/vault/README.md for what each gives back.");
}

void read_token(const Host& host, const Source& from, Settings& s) {
  s.token = secret(from.text("token"));
  s.token_file = from.file("token_file");
  if (!s.token.empty() && !s.token_file.empty()) refuse("token and token_file exclude each other");
  if (s.token.empty() && s.token_file.empty()) {
    s.token = secret(host.env("VAULT_TOKEN").value_or(""));
    s.token_from_env = !s.token.empty();
  }
}

void read_approle(const Source& from, Settings& s) {
  s.role_id = secret(from.text("role_id"));
  s.role_id_file = from.file("role_id_file");
  s.secret_id = secret(from.text("secret_id"));
  s.secret_id_file = from.file("secret_id_file");
  s.wrapping_path = trimmed(from.text("secret_id_response_wrapping_path"), "/ ");
  if (s.role_id.empty() && s.role_id_file.empty()) refuse("approle needs a role id", "Set auth.params.role_id or role_id_file.");
  if (!s.secret_id.empty() && !s.secret_id_file.empty()) refuse("secret_id and secret_id_file exclude each other");
  if (const auto remove = from.text("remove_secret_id_file_after_reading"); !remove.empty() && remove != "false")
    throw Failure(DSO_E_UNSUPPORTED, "remove_secret_id_file_after_reading is not possible: a provider can write no file",
                  "Leave it out, and deliver a wrapped secret id (secret_id_response_wrapping_path): that file is worthless once "
                  "it was read.");
}

void read_login(const Host& host, const Source& from, Settings& s) {
  if (s.method == Method::approle) read_approle(from, s);
  if (s.method == Method::jwt || s.method == Method::kubernetes) {
    s.role = from.text("role");
    s.jwt_file = from.file("jwt_file");
    if (s.jwt_file.empty())
      refuse("the auth method needs the file of a JWT",
             s.method == Method::kubernetes
                 ? "Set auth.params.jwt_file: /var/run/secrets/kubernetes.io/serviceaccount/token (or a projected token's path)."
                 : "Set auth.params.jwt_file; it is read at each login.");
    if (s.role.empty() && s.method == Method::kubernetes) refuse("the auth method needs a role", "Set auth.params.role.");
  }
  if (s.method == Method::cert) {
    s.role = from.text("name");
    if (!has_client_certificate(host, from))
      refuse("the auth method cert needs a client certificate",
             "Set client_cert and client_key of the instance (or VAULT_CLIENT_CERT and VAULT_CLIENT_KEY).");
  }
  if (s.method == Method::userpass) {
    s.username = from.text("username");
    s.password = secret(from.text("password"));
    s.password_file = from.file("password_file");
    if (s.username.empty()) refuse("the auth method needs a user name", "Set auth.params.username.");
    if (s.password.empty() == s.password_file.empty())
      refuse("the auth method needs one of password_file and password", "Set auth.params.password_file.");
  }
  if (s.method == Method::aws) {
    s.role = from.text("role");
    s.aws_region = from.text("region");
    s.aws_server_id = from.text("header_value");
  }
  if (s.method == Method::azure) {
    s.role = from.text("role");
    s.azure_resource = from.text("resource");
    if (s.azure_resource.empty()) s.azure_resource = "https://management.azure.com/";
    s.azure_client_id = from.text("client_id");
    s.azure_object_id = from.text("object_id");
    if (s.role.empty()) refuse("the auth method azure needs a role", "Set auth.params.role.");
  }
}

}  // namespace

void read_auth(const Host& host, std::string_view method, const Source& from, Settings& s) {
  s.method = method_of(method, from);
  if (from.params) check_params(*from.params, s.method);
  if (from.params) s.auth_mount = trimmed(string_at(*from.params, "mount"), "/ ");
  if (s.auth_mount.empty()) s.auth_mount = s.method_name();
  s.revoke = revoke_of(from);
  if (s.method == Method::token)
    read_token(host, from, s);
  else
    read_login(host, from, s);
}

std::string_view Settings::method_name() const {
  return method_facts(method).name;
}

}  // namespace vault
