// Facts: Vault's API documentation of the auth methods AWS (type iam) and Azure, and AWS's of GetCallerIdentity.
#include "cloud_login.h"

#include <string>
#include <vector>

#include "aws/aws_client.h"
#include "aws/aws_text.h"
#include "aws/endpoints.h"
#include "aws/metadata.h"

namespace vault {

using dso::sdk::Failure;
using dso::sdk::Host;

namespace {

constexpr std::string_view kGetCallerIdentity = "Action=GetCallerIdentity&Version=2011-06-15";
constexpr std::string_view kToken = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01";
constexpr std::string_view kMetadata = "http://169.254.169.254/metadata/instance?api-version=2021-02-01";

Secret base64(std::string_view data) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  Secret out;
  out.reserve((data.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < data.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j) bits = bits << 8 | (i + j < data.size() ? static_cast<unsigned char>(data[i + j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j) out.push_back(i + j > data.size() ? '=' : kDigits[bits >> (18 - 6 * j) & 63]);
  }
  return out;
}

/// With us-east-1 it is the global endpoint, as Vault's own clients have it: what Vault expects unless it is told otherwise.
std::string sts_origin(const std::string& region) {
  return region == "us-east-1" ? "https://sts.amazonaws.com" : aws::endpoint_of(aws::Service::sts, region, false, false);
}

std::string region_of(const Host& host, const Settings& settings) {
  std::string region = settings.aws_region;
  for (const char* variable : {"AWS_REGION", "AWS_DEFAULT_REGION"})
    if (region.empty()) region = host.env(variable).value_or("");
  if (region.empty()) return "us-east-1";
  if (!aws::is_region(region)) throw Failure(DSO_E_INVALID_REQUEST, "this is not a region's name", "Write region: eu-west-1.");
  return region;
}

/// What a machine has, in the SDKs' order: the environment, the container's endpoint, the instance's role. A profile, SSO and
/// roles to take on would make this library a third larger; who has those has the AWS provider, or a token by another method.
aws::Credentials credentials_of(const Host& host) {
  aws::Credentials c;
  c.access_key_id = host.env("AWS_ACCESS_KEY_ID").value_or("");
  c.secret_access_key = secret(host.env("AWS_SECRET_ACCESS_KEY").value_or(""));
  c.session_token = secret(host.env("AWS_SESSION_TOKEN").value_or(""));
  if (c.access_key_id.empty() != c.secret_access_key.empty())
    throw Failure(DSO_E_CREDENTIALS_UNAVAILABLE, "half a key pair is in the environment",
                  "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither.");
  if (!c.empty()) return c;
  if (!aws::container_credentials_url(host).empty()) return aws::container_credentials(host);
  return aws::InstanceMetadata(host).credentials();
}

/// Of the managed identity, for `resource`.
Secret azure_token(const Host& host, const Settings& settings) {
  std::string url = std::string(kToken) + "&resource=" + aws::percent_encoded(settings.azure_resource);
  if (!settings.azure_client_id.empty()) url += "&client_id=" + aws::percent_encoded(settings.azure_client_id);
  if (!settings.azure_object_id.empty()) url += "&object_id=" + aws::percent_encoded(settings.azure_object_id);
  dso::sdk::HttpRequest ask{.url = url, .timeout_ms = 5000};
  ask.header("Metadata", "true");
  const dso::sdk::HttpResponse answer = host.http(ask);
  const auto document = Document::parse(answer.body());
  const std::string_view token = document ? string_at(document->root(), "access_token") : std::string_view();
  if (answer.status() != 200 || token.empty()) {
    const bool passing = answer.status() == 404 || answer.status() == 410 || answer.status() == 429 || answer.status() >= 500;
    throw Failure(passing ? DSO_E_UNAVAILABLE : DSO_E_CREDENTIALS_UNAVAILABLE,
                  "the metadata service gives no token (status " + std::to_string(answer.status()) + ")",
                  "Give this machine a managed identity, or name one with client_id.");
  }
  return secret(token);
}

}  // namespace

Secret aws_login_body(const Host& host, const Settings& settings) {
  const std::string region = region_of(host, settings);
  const aws::Credentials credentials = credentials_of(host);
  const std::string origin = sts_origin(region), sent_to = aws::host_header(origin), date = aws::amz_date(host.now_ms());
  // Those that Vault lets through to STS.
  std::vector<aws::Header> headers{{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}, {"X-Amz-Date", date}};
  if (!credentials.session_token.empty()) headers.push_back({"X-Amz-Security-Token", view(credentials.session_token)});
  if (!settings.aws_server_id.empty()) headers.push_back({"X-Vault-AWS-IAM-Server-ID", settings.aws_server_id});
  aws::ToSign request{.headers = headers, .payload_hash = {}, .region = region, .service = "sts", .amz_date = date};
  request.headers.push_back({"Host", sent_to});
  const std::string signature = aws::signed_by(credentials, host, request, kGetCallerIdentity);
  headers.push_back({"Authorization", signature});
  Secret json = secret("{");
  for (const aws::Header& h : headers) {
    if (json.size() > 1) json.push_back(',');
    append_json_string(json, h.name);
    append(json, ":[");
    append_json_string(json, h.value);
    json.push_back(']');
  }
  json.push_back('}');
  const Secret url = base64(origin + "/"), body = base64(kGetCallerIdentity), sent = base64(view(json));
  return json_object({{"role", settings.role},
                      {"iam_http_request_method", "POST"},
                      {"iam_request_url", view(url)},
                      {"iam_request_body", view(body)},
                      {"iam_request_headers", view(sent)}});
}

Secret azure_login_body(const Host& host, const Settings& settings) {
  const Secret token = azure_token(host, settings);
  dso::sdk::HttpRequest ask{.url = kMetadata, .timeout_ms = 5000};
  ask.header("Metadata", "true");
  const dso::sdk::HttpResponse answer = host.http(ask);
  const auto document = Document::parse(answer.body());
  const boost::json::object* compute = document ? object_at(document->root(), "compute") : nullptr;
  if (answer.status() != 200 || !compute)
    throw Failure(DSO_E_CREDENTIALS_UNAVAILABLE,
                  "the metadata service does not say which machine this is (status " + std::to_string(answer.status()) + ")",
                  "Vault's azure login wants a VM or a scale set; elsewhere use jwt with a federated token.");
  return json_object({{"role", settings.role},
                      {"jwt", view(token)},
                      {"subscription_id", string_at(*compute, "subscriptionId")},
                      {"resource_group_name", string_at(*compute, "resourceGroupName")},
                      {"vm_name", string_at(*compute, "name")},
                      {"vmss_name", string_at(*compute, "vmScaleSetName")}});
}

}  // namespace vault
