// Facts: Vault's API documentation of the auth methods AWS (type iam) and Azure, and AWS's of GetCallerIdentity.
#include "cloud_login.h"

#include <string>
#include <vector>

#include "aws/aws_text.h"
#include "aws/endpoints.h"
#include "aws/session.h"
#include "azure/managed_identity.h"

namespace vault {

using dso::sdk::Failure;
using dso::sdk::Host;

namespace {

constexpr std::string_view kGetCallerIdentity = "Action=GetCallerIdentity&Version=2011-06-15";
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

aws::Settings identity_settings(const Host& host, const Settings& settings, const std::string& region) {
  const auto env = [&host](std::string_view name) { return std::string(host.env(name).value_or("")); };
  aws::Settings s;
  s.instance = "vault";
  s.region = region;
  s.profile = settings.aws_profile;
  s.profile_in_config = !s.profile.empty();
  if (s.profile.empty()) s.profile = env("AWS_PROFILE");
  if (auto file = env("AWS_CONFIG_FILE"); !file.empty()) s.config_file = file;
  if (auto file = env("AWS_SHARED_CREDENTIALS_FILE"); !file.empty()) s.credentials_file = file;
  return s;
}

}  // namespace

Secret aws_login_body(const Host& host, const Settings& settings) {
  const std::string region = region_of(host, settings);
  const aws::Settings who = identity_settings(host, settings, region);
  aws::Session session(host, who);
  session.begin();
  const aws::Credentials& credentials = session.credentials();
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
  azure::Managed who;
  who.client_id = settings.azure_client_id;
  who.object_id = settings.azure_object_id;
  azure::ManagedCredential credential(host, who, true);
  const azure::Token token = credential.get({.resource = settings.azure_resource, .tenant = {}, .claims = {}});
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
                      {"jwt", view(token.value)},
                      {"subscription_id", string_at(*compute, "subscriptionId")},
                      {"resource_group_name", string_at(*compute, "resourceGroupName")},
                      {"vm_name", string_at(*compute, "name")},
                      {"vmss_name", string_at(*compute, "vmScaleSetName")}});
}

}  // namespace vault
