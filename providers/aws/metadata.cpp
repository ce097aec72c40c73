// Asking them, with the short timeouts that tell "not here" from "not yet".
#include "metadata.h"
#include "aws_errors.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "aws_text.h"

namespace aws {
namespace {

using dso::sdk::Failure;
using dso::sdk::Host;
using dso::sdk::HttpRequest;
using dso::sdk::HttpResponse;

constexpr std::string_view kRoles = "/latest/meta-data/iam/security-credentials/";

std::string env(const Host& host, std::string_view name) {
  return std::string(host.env(name).value_or(""));
}
bool is_true(std::string_view text) {
  return lower(text) == "true";
}
int number_or(std::string_view text, int otherwise) {
  int n = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n > 0 && n <= 60 ? n : otherwise;
}

/// The JSON that both kinds of endpoint answer with.
Credentials read_credentials(std::string_view body, std::string_view where) {
  const auto document = Document::parse(body);
  Credentials out;
  if (document) {
    const auto& root = document->root();
    const std::string_view code = string_at(root, "Code");
    if (!code.empty() && code != "Success")
      unavailable(std::string(where) + " has no credentials at present", "Check the role that is attached.");
    out.access_key_id = string_at(root, "AccessKeyId");
    out.secret_access_key = secret(string_at(root, "SecretAccessKey"));
    out.session_token = secret(string_at(root, "Token"));
    out.expires_ms = parse_iso_time(string_at(root, "Expiration")).value_or(0);
    if (const auto arn = string_at(root, "RoleArn"); !arn.empty()) out.identity = "role " + std::string(arn);
  }
  if (out.empty() || out.secret_access_key.empty())
    throw Failure(DSO_E_MALFORMED, std::string(where) + " gave an answer without credentials", "It is asked again.");
  return out;
}

/// The answer, or nothing when every attempt timed out or was refused.
std::optional<HttpResponse> try_often(const Host& host, const HttpRequest& request, int attempts, std::string& why) {
  for (int i = 0; i < attempts && !host.cancelled(); ++i) {
    try {
      HttpResponse r = host.http(request);
      if (r.status() < 500 && r.status() != 429) return r;
      why = "it answered " + std::to_string(r.status());
    } catch (const Failure& f) {
      why = f.message;
      if (f.cls == DSO_E_ACCESS_DENIED) throw;
    }
  }
  return std::nullopt;
}

}  // namespace

void InstanceMetadata::new_token() {
  const std::string url = origin_ + "/latest/api/token";
  HttpRequest r{.method = "PUT", .url = url, .timeout_ms = 1000LL * number_or(env(host_, "AWS_METADATA_SERVICE_TIMEOUT"), 1)};
  r.header("X-aws-ec2-metadata-token-ttl-seconds", "21600");
  std::string why;
  const auto answer = try_often(host_, r, number_or(env(host_, "AWS_METADATA_SERVICE_NUM_ATTEMPTS"), 1), why);
  if (!answer)
    unavailable("the instance metadata service does not answer (" + why + ")",
                "On EC2 inside a container set the instance's hop limit to 2 (aws ec2 modify-instance-metadata-options "
                "--http-put-response-hop-limit 2), or run on the host network; elsewhere give other credentials.");
  if (answer->status() != 200 || answer->body().empty() || answer->body().size() > 1024)
    unavailable("the instance metadata service refuses a token (" + std::to_string(answer->status()) + ")",
                "Check that the metadata service of this instance is enabled.");
  token_ = secret(answer->body());
}

Secret InstanceMetadata::get(std::string_view path) {
  if (is_true(env(host_, "AWS_EC2_METADATA_DISABLED")))
    unavailable("the instance metadata service is switched off by AWS_EC2_METADATA_DISABLED", "Unset it, or give credentials.");
  if (origin_.empty()) {
    origin_ = env(host_, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
    while (origin_.ends_with('/')) origin_.pop_back();
    if (origin_.empty())
      origin_ = lower(env(host_, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")) == "ipv6" ? "http://[fd00:ec2::254]"
                                                                                      : "http://169.254.169.254";
  }
  for (int attempt = 0;; ++attempt) {
    if (token_.empty()) new_token();
    const std::string url = origin_ + std::string(path);
    HttpRequest r{.url = url, .timeout_ms = 1000LL * number_or(env(host_, "AWS_METADATA_SERVICE_TIMEOUT"), 1)};
    r.header("X-aws-ec2-metadata-token", view(token_));
    std::string why;
    const auto answer = try_often(host_, r, number_or(env(host_, "AWS_METADATA_SERVICE_NUM_ATTEMPTS"), 1), why);
    if (!answer) unavailable("the instance metadata service does not answer (" + why + ")", "It is asked again.");
    if (answer->status() == 200) return secret(answer->body());
    if (answer->status() == 401 && attempt == 0) {
      token_.clear();  // it has a life of six hours
      continue;
    }
    if (answer->status() == 404)
      unavailable("no role is attached to this instance", "Attach an instance profile with a role, or give other credentials.");
    unavailable("the instance metadata service answered " + std::to_string(answer->status()), "It is asked again.");
  }
}

Credentials InstanceMetadata::credentials() {
  const Secret roles = get(kRoles);
  const std::string_view first = trimmed(view(roles).substr(0, view(roles).find('\n')));
  if (first.empty()) unavailable("no role is attached to this instance", "Attach an instance profile with a role.");
  const std::string role(first);
  const Secret body = get(std::string(kRoles) + percent_encoded(role));
  Credentials out = read_credentials(view(body), "the instance metadata service");
  out.identity = "instance role " + role;
  return out;
}

std::string InstanceMetadata::region() {
  try {
    const Secret body = get("/latest/meta-data/placement/region");
    return std::string(trimmed(view(body)));
  } catch (const Failure&) {  // no region is what it means
    return {};
  }
}

bool is_local_container_address(std::string_view url) {
  if (!url.starts_with("http://")) return false;
  std::string_view host = url.substr(7);
  host = host.substr(0, host.find_first_of("/?#"));
  if (host.find('@') != std::string_view::npos) return false;
  if (host.starts_with('[')) {
    host = host.substr(0, host.find(']') + 1);
    return host == "[::1]" || host == "[fd00:ec2::23]";
  }
  host = host.substr(0, host.find(':'));
  if (host == "localhost" || host == "169.254.170.2" || host == "169.254.170.23") return true;
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::string container_credentials_url(const Host& host) {
  const std::string relative = env(host, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  if (!relative.empty()) {
    if (relative.front() != '/')
      unavailable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not begin with '/'", "ECS sets it; unset what does.");
    return "http://169.254.170.2" + relative;
  }
  std::string full = env(host, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (!full.empty() && !full.starts_with("https://") && !is_local_container_address(full))
    unavailable("AWS_CONTAINER_CREDENTIALS_FULL_URI leads out of this host without TLS",
                "Use https, or a loopback address, 169.254.170.2, 169.254.170.23 or fd00:ec2::23.");
  return full;
}

Credentials container_credentials(const Host& host) {
  const std::string url = container_credentials_url(host);
  if (url.empty()) unavailable("no container credentials: AWS_CONTAINER_CREDENTIALS_* is not set", "Give other credentials.");
  Secret token;
  if (const std::string file = env(host, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); !file.empty()) {
    try {
      token = secret(host.read_file(file));  // anew each time: Kubernetes rotates it
    } catch (const Failure& f) {
      if (f.cls == DSO_E_ACCESS_DENIED) throw;  // the host does not trust it, and says why
      unavailable("cannot read " + file + ": " + f.message, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE must name the token's file.");
    }
    if (!token.empty() && token.back() == '\n') token.pop_back();
  } else {
    token = secret(host.env("AWS_CONTAINER_AUTHORIZATION_TOKEN").value_or(""));
  }
  if (view(token).find_first_of("\r\n") != std::string_view::npos)
    unavailable("the container's authorization token has a line break", "It must be one line.");
  HttpRequest r{.url = url, .timeout_ms = 2000};
  if (!token.empty()) r.header("Authorization", view(token));
  std::string why;
  const auto answer = try_often(host, r, 3, why);
  if (!answer) unavailable("the container credentials endpoint does not answer (" + why + ")", "It is asked again.");
  if (answer->status() == 401 || answer->status() == 403)
    throw Failure(DSO_E_INVALID_CREDENTIALS,
                  "the container credentials endpoint refuses the token (" + std::to_string(answer->status()) + ")",
                  "Check AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE and the pod's or task's role.");
  if (answer->status() != 200)
    unavailable("the container credentials endpoint answered " + std::to_string(answer->status()),
                "Check the task's or pod's role.");
  Credentials out = read_credentials(answer->body(), "the container credentials endpoint");
  if (out.identity.empty()) out.identity = "container credentials, access key " + out.access_key_id;
  return out;
}

}  // namespace aws
