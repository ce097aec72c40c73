// A canonical text of a scope's items, hashed; every text in it has its length before it, so that no two scopes share one.
#include "logic/scope_id.h"

#include <algorithm>
#include <charconv>

#include "base/digest.h"

namespace dso {
namespace {

void add(std::string& out, std::string_view text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}
void add(std::string& out, const std::optional<std::uint32_t>& number) {
  add(out, number ? std::to_string(*number) : std::string("-"));
}

std::string canonical(const Scope& scope) {
  std::string out;
  add(out, scope.user_uid);
  add(out, scope.user_gid);
  for (const DeliveryItem& item : scope.items) {
    out += "item;";
    add(out, item.secret.instance);
    add(out, item.secret.name);
    out += item.inject.type == InjectType::env ? "env;" : "file;";
    if (item.inject.visible) out += "visible;";
    add(out, item.inject.path);
    add(out, item.inject.uid);
    add(out, item.inject.gid);
    add(out, item.inject.mode);
    for (const Mapping& m : item.mappings) {
      add(out, m.field);
      add(out, m.dest);
    }
  }
  return out;
}

/// Only what may stand in a scope's id.
std::string plain(std::string_view text, std::size_t limit) {
  std::string out;
  for (char c : text.substr(0, limit)) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
    out += fits ? c : '_';
  }
  return out;
}

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string run_scope_id(std::string_view random) {
  return "run-" + std::string(random);
}

std::string compose_scope_id(std::string_view project, const Scope& scope, std::string_view service) {
  std::string text = canonical(scope);
  // The names too: what `plain` makes of them may not be theirs alone.
  add(text, project);
  add(text, service);
  return "compose-" + plain(project, 48) + "-" + plain(service, 48) + "-" + sha256_hex(text).substr(0, 16);
}

std::pair<std::optional<std::uint32_t>, std::optional<std::uint32_t>> numeric_user(std::string_view user) {
  if (user.empty()) return {0, 0};
  const auto colon = user.find(':');
  const auto uid = number(user.substr(0, colon));
  if (colon == std::string_view::npos) {
    if (uid == 0u || user == "root") return {0, 0};
    return {uid, std::nullopt};
  }
  return {user.substr(0, colon) == "root" ? std::optional<std::uint32_t>(0) : uid, number(user.substr(colon + 1))};
}

std::string secrets_label(const std::vector<DeliveryItem>& items) {
  std::vector<std::string> names;
  for (const DeliveryItem& item : items) {
    std::string name = item.secret.instance + "/" + item.secret.name;
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
  }
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ",") + name;
  return out;
}

}  // namespace dso
