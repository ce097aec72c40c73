// What a refused login means, method by method, and what to check. Pure.
#include "vault_errors.h"

namespace vault {

using dso::sdk::Failure;

namespace {

struct Words {
  dso_class cls = DSO_E_INVALID_CREDENTIALS;
  std::string message = "Vault refused the login";
  std::string next;
};

Words approle(const Facts& f) {
  if (f.hint == Hint::invalid_secret_id)
    return {.message = "Vault does not accept this secret id: wrong, expired or used up",
            .next =
                "Make a new one (vault write -f auth/approle/role/NAME/secret-id) and put it where secret_id or secret_id_file "
                "points."};
  if (f.hint == Hint::invalid_role)
    return {
        .message = "Vault does not accept this role id or secret id",
        .next = "Check role_id (vault read auth/approle/role/NAME/role-id); a secret id may also have expired or be used up."};
  return {.next = "Check role_id and secret_id."};
}

Words jwt(const Facts& f, const std::string& role_path) {
  switch (f.hint) {
    case Hint::no_role:
    case Hint::invalid_role:
      return {.message = "Vault has no such role", .next = "Check auth.params.role (vault list " + role_path + ")."};
    case Hint::jwt_over:
      return {.message = "the JWT has expired", .next = "See that whoever issues it renews jwt_file; it is read at each login."};
    case Hint::jwt_early:
      return {.cls = DSO_E_CLOCK_SKEW,
              .message = "the JWT is not valid yet by Vault's clock",
              .next = "Set the clocks of its issuer and of Vault (NTP), or clock_skew_leeway of the role."};
    default:
      return {.message = "Vault does not accept this JWT",
              .next = "Check its audience, subject and issuer against the role (vault read " + role_path +
                      "/NAME) and the mount's keys against its signature."};
  }
}

Words aws(const Facts& f, const std::string& mount) {
  switch (f.hint) {
    case Hint::no_role:
    case Hint::invalid_role:
      return {.message = "Vault has no such role", .next = "Check auth.params.role (vault list " + mount + "/roles)."};
    case Hint::server_id:
      return {.message = "Vault wants the login to name it",
              .next = "Set auth.params.header_value to the mount's iam_server_id_header_value (vault read " + mount +
                      "/config/client)."};
    case Hint::signature_over:
      return {.cls = DSO_E_CLOCK_SKEW,
              .message = "AWS says that the login was signed too early or too late",
              .next = "Set this host's clock (NTP)."};
    case Hint::identity_refused:
      return {.message = "AWS does not accept the signature that Vault passed on",
              .next = "Check the AWS credentials of this host, and auth.params.region against the mount's sts_endpoint."};
    default:
      return {.message = "Vault does not accept this AWS identity for the role",
              .next = "Check bound_iam_principal_arn of the role (vault read " + mount + "/role/NAME)."};
  }
}

Words azure(const Facts& f, const std::string& mount) {
  if (f.hint == Hint::no_role || f.hint == Hint::invalid_role)
    return {.message = "Vault has no such role", .next = "Check auth.params.role (vault list " + mount + "/role)."};
  return {.message = "Vault does not accept this Azure identity for the role",
          .next = "Check auth.params.resource against the mount's resource (vault read " + mount +
                  "/config), and the role's bound_ settings (vault read " + mount + "/role/NAME)."};
}

Words words_for(const Facts& f, const Context& c) {
  const std::string mount = c.path.substr(0, c.path.rfind("/login"));
  if (c.method == "jwt" || c.method == "kubernetes") return jwt(f, mount + "/role");
  if (c.method == "aws") return aws(f, mount);
  if (c.method == "azure") return azure(f, mount);
  if (c.method == "cert")
    return {.message = "Vault does not accept this instance's client certificate",
            .next = "Check client_cert against " + mount + "/certs (vault list), and auth.params.name if it is set."};
  if (c.method == "userpass")
    return {.message = "Vault does not accept this user name or password",
            .next = "Check auth.params.username and password_file before the next poll: wrong passwords can lock the user."};
  return approle(f);
}

}  // namespace

Failure login_refused(int status, const Facts& f, const Context& c) {
  Words w = words_for(f, c);
  return make_failure(status, f, c, w.cls, std::move(w.message), std::move(w.next));
}

}  // namespace vault
