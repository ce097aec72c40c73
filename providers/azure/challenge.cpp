// Parsing and judging; the caller decides what to do about it.
#include "challenge.h"

#include "azure_text.h"

namespace azure {
namespace {

using dso::sdk::Failure;

bool is_separator(char c) {
  return c == ' ' || c == '\t' || c == ',';
}

/// Walks `Scheme a="b", c=d, Scheme2 e="f"`, with commas or only spaces between, as old vaults write it.
std::map<std::string, std::string> parameters_of(std::string_view header, std::string_view scheme) {
  std::map<std::string, std::string> out;
  bool wanted = false;
  std::size_t at = 0;
  const auto skip = [&] {
    while (at < header.size() && is_separator(header[at])) ++at;
  };
  for (skip(); at < header.size(); skip()) {
    const std::size_t end = std::min(header.find_first_of(" \t,=", at), header.size());
    const std::string name = lower_case(header.substr(at, end - at));
    at = end;
    while (at < header.size() && (header[at] == ' ' || header[at] == '\t')) ++at;
    if (at >= header.size() || header[at] != '=') {  // a word without a value begins a scheme
      wanted = name == scheme;
      continue;
    }
    ++at;
    while (at < header.size() && (header[at] == ' ' || header[at] == '\t')) ++at;
    std::string value;
    if (at < header.size() && header[at] == '"') {
      for (++at; at < header.size() && header[at] != '"'; ++at) {
        if (header[at] == '\\' && at + 1 < header.size()) ++at;
        value += header[at];
      }
      ++at;
    } else {
      const std::size_t stop = std::min(header.find_first_of(" \t,", at), header.size());
      value = header.substr(at, stop - at);
      at = stop;
    }
    if (wanted) out.emplace(name, std::move(value));
  }
  return out;
}

std::string first_of(const std::map<std::string, std::string>& parameters, std::string_view a, std::string_view b) {
  for (const std::string_view key : {a, b})
    if (const auto found = parameters.find(std::string(key)); found != parameters.end() && !found->second.empty())
      return found->second;
  return {};
}

bool is_tenant(std::string_view text) {
  for (const char c : text)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.')) return false;
  return !text.empty() && text.size() <= 128 && text.find("..") == std::string_view::npos;
}

}  // namespace

std::map<std::string, std::string> bearer_parameters(std::string_view header) {
  return parameters_of(header, "bearer");
}

std::string basic_realm(std::string_view header) {
  const auto parameters = parameters_of(header, "basic");
  const auto realm = parameters.find("realm");
  return realm == parameters.end() ? std::string() : realm->second;
}

Challenge checked_challenge(const std::map<std::string, std::string>& parameters, std::string_view vault_host, bool verify) {
  const std::string authorization = first_of(parameters, "authorization", "authorization_uri");
  std::string resource = first_of(parameters, "resource", "scope");
  const auto refuse = [](std::string message) {
    return Failure(DSO_E_MALFORMED, std::move(message), "Check address, and any proxy before the vault.");
  };
  if (authorization.empty() || resource.empty()) throw refuse("the answer has no challenge of Key Vault's");
  const auto authority = parse_https(authorization);
  if (!authority) throw refuse("the challenge's authorization is not an https URL");
  if (resource.ends_with("/.default")) resource.resize(resource.size() - 9);
  while (resource.ends_with('/')) resource.pop_back();
  const auto wanted = parse_https(resource);
  if (!wanted) throw refuse("the challenge's resource is not an https URL");
  if (verify && !lies_below(vault_host, wanted->host))
    throw Failure(
        DSO_E_INVALID_REQUEST,
        "the challenge asks for a token for '" + wanted->host + "', below which '" + std::string(vault_host) + "' does not lie",
        "Check address. If that name is right, for example behind a private proxy, set verify_challenge_resource: false.");
  Challenge out;
  out.resource = std::move(resource);
  std::string_view tenant = authority->path;
  if (tenant.starts_with('/')) tenant.remove_prefix(1);
  tenant = tenant.substr(0, tenant.find_first_of("/?"));
  if (is_tenant(tenant)) out.tenant = tenant;
  return out;
}

}  // namespace azure
