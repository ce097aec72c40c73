// Which credential, or which chain of them, the config and the environment ask for.
#include "azure_config_read.h"
#include "azure_text.h"

namespace azure {
namespace {

using dso::sdk::Host;

/// Tenant and client of the config, else of the environment.
Application application_of(const Host& host, const Given& given) {
  Application a;
  a.tenant_id = given.text("tenant_id");
  if (a.tenant_id.empty()) a.tenant_id = variable(host, "AZURE_TENANT_ID");
  a.client_id = given.text("client_id");
  if (a.client_id.empty()) a.client_id = variable(host, "AZURE_CLIENT_ID");
  checked_id(a.tenant_id, "tenant_id");
  checked_id(a.client_id, "client_id");
  return a;
}

bool take_secret(const Host& host, const Given& given, Application& a) {
  a.client_secret_file = given.file("client_secret_file");
  a.client_secret = secret(given.text("client_secret"));
  if (!a.client_secret_file.empty() && !a.client_secret.empty())
    refuse("client_secret and client_secret_file exclude each other");
  a.source = a.client_secret_file.empty() ? "client_secret" : a.client_secret_file;
  if (a.client_secret_file.empty() && a.client_secret.empty()) {
    a.client_secret = secret(trimmed(host.env("AZURE_CLIENT_SECRET").value_or("")));
    a.source = "AZURE_CLIENT_SECRET";
  }
  return !a.client_secret_file.empty() || !a.client_secret.empty();
}

bool take_file(const Host& host, const Given& given, std::string_view key, std::string_view variable_name, std::string& path,
               Application& a) {
  path = given.file(key);
  if (path.empty()) path = variable(host, variable_name);
  a.source = path;
  return !path.empty();
}

void need_client(const Application& a) {
  if (a.client_id.empty())
    refuse("this auth method needs client_id", "Set auth.params.client_id (or the variable AZURE_CLIENT_ID).");
}

/// "EnvironmentCredential" and the like, which the SDKs call the links of their chain.
struct Allowed {
  bool environment = true, workload = true, managed = true;
};
Allowed allowed_by(std::string_view selection) {
  const std::string s = lower_case(selection);
  if (s.empty() || s == "prod") return {};
  if (s == "environmentcredential") return {true, false, false};
  if (s == "workloadidentitycredential") return {false, true, false};
  if (s == "managedidentitycredential") return {false, false, true};
  refuse("AZURE_TOKEN_CREDENTIALS selects a credential that DSO does not offer",
         "Use prod, EnvironmentCredential, WorkloadIdentityCredential or ManagedIdentityCredential, or set auth.method.");
}

void read_chain(const Host& host, const Given& given, Settings& s) {
  const Allowed allowed = allowed_by(variable(host, "AZURE_TOKEN_CREDENTIALS"));
  const Application base = application_of(host, given);
  const auto note = [&s](std::string_view text) { s.looked_for += (s.looked_for.empty() ? "" : "; ") + std::string(text); };
  if (allowed.environment) {
    Application a = base;
    const bool proof = take_secret(host, given, a) ||
                       take_file(host, given, "client_certificate_file", "AZURE_CLIENT_CERTIFICATE_PATH", a.certificate_file, a);
    if (proof && !a.client_id.empty())
      s.chain.push_back({a});
    else
      note("no AZURE_CLIENT_ID with AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH");
  }
  if (allowed.workload) {
    Application a = base;
    if (take_file(host, given, "federated_token_file", "AZURE_FEDERATED_TOKEN_FILE", a.federated_token_file, a) &&
        !a.client_id.empty())
      s.chain.push_back({a});
    else
      note("no AZURE_FEDERATED_TOKEN_FILE with AZURE_CLIENT_ID");
  }
  if (allowed.managed) {
    if (s.managed.client_id.empty() && s.managed.object_id.empty() && s.managed.resource_id.empty())
      s.managed.client_id = base.client_id;
    s.chain.push_back({});
  }
}

}  // namespace

void read_method(const Host& host, const Given& given, std::string_view method, Settings& s) {
  std::string name = lower_case(method);
  if (name.empty() && (!given.text("client_secret").empty() || !given.text("client_secret_file").empty())) name = "client_secret";
  if (name.empty() && !given.text("client_certificate_file").empty()) name = "client_certificate";
  if (name.empty() || name == "default") return read_chain(host, given, s);
  if (name == "managed_identity") {
    s.chain.push_back({});
    return;
  }
  Application a = application_of(host, given);
  if (name == "client_secret") {
    if (!take_secret(host, given, a))
      refuse("client_secret needs a secret", "Set auth.params.client_secret_file (or the variable AZURE_CLIENT_SECRET).");
  } else if (name == "client_certificate") {
    if (!take_file(host, given, "client_certificate_file", "AZURE_CLIENT_CERTIFICATE_PATH", a.certificate_file, a))
      refuse("client_certificate needs a file", "Set auth.params.client_certificate_file: a PEM with certificate and RSA key.");
  } else if (name == "workload_identity") {
    if (!take_file(host, given, "federated_token_file", "AZURE_FEDERATED_TOKEN_FILE", a.federated_token_file, a))
      refuse("workload_identity needs a token file", "Set auth.params.federated_token_file (or AZURE_FEDERATED_TOKEN_FILE).");
  } else {
    refuse(
        "the auth method '" + std::string(method) + "' is not one of this provider's",
        "Use client_secret, client_certificate, workload_identity, managed_identity or default; see providers/azure/README.md.");
  }
  need_client(a);
  s.chain.push_back({std::move(a)});
}

}  // namespace azure
