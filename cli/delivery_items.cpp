// Thin: asks the stores, rewrites items.
#include "delivery_items.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

#include "docker/image_user.h"
#include "logic/scope_id.h"

namespace dso::cli {
namespace {

Error several_fields(const SecretValue& secret) {
  std::string names;
  for (const SecretField& f : secret.fields) names += (names.empty() ? "" : ", ") + f.name;
  Error e;
  e.cls = ErrorClass::config;
  e.what = "Cannot deliver secret '" + secret.name + "' as one value";
  e.cause = secret.fields.empty() ? "it has no fields" : "it has " + std::to_string(secret.fields.size()) + " fields: " + names;
  e.next = secret.fields.empty() ? "" : "Name one: " + secret.name + "#" + secret.fields[0].name;
  return e;
}

}  // namespace

Result<void> name_lone_fields(std::vector<DeliveryItem>& items, Sources& sources, const Deadline& deadline,
                              std::stop_token stop) {
  std::map<SecretKey, std::string> known;
  for (DeliveryItem& item : items) {
    if (std::none_of(item.mappings.begin(), item.mappings.end(), [](const Mapping& m) { return m.field.empty(); })) continue;
    auto it = known.find(item.secret);
    if (it == known.end()) {
      DSO_TRY(const SecretValue value, fetch_one(sources, item.secret, "", deadline, stop));
      if (value.fields.size() != 1) return several_fields(value);
      it = known.emplace(item.secret, value.fields[0].name).first;
    }
    for (Mapping& m : item.mappings)
      if (m.field.empty()) m.field = it->second;
  }
  return {};
}

std::vector<OwnMount> mounts_of(std::vector<OwnMount> asked, const ImageConfig& image, const std::vector<ScopeMount>& ours) {
  for (const std::string& volume : image.volumes)
    if (std::none_of(ours.begin(), ours.end(), [&](const ScopeMount& m) { return m.container_path == volume; }))
      asked.push_back({volume});
  return asked;
}

Result<std::vector<OwnMount>> borrowed_mounts(const Lender& lender, const Engine& engine, const Deadline& deadline,
                                              std::stop_token stop) {
  const auto c = engine.inspect(lender.name, deadline, stop);
  if (c.has_error() && c.error().cls == ErrorClass::not_found) return std::vector<OwnMount>();
  if (c.has_error()) return c.error();
  std::vector<OwnMount> out;
  for (const ContainerMount& m : c->mounts) out.push_back({m.destination, m.read_only});
  return lent(std::move(out), lender);
}

std::vector<DeliveryItem> take_visible(std::vector<DeliveryItem>& items) {
  std::vector<DeliveryItem> out;
  const auto first = std::stable_partition(
      items.begin(), items.end(), [](const DeliveryItem& i) { return i.inject.type != InjectType::env || !i.inject.visible; });
  std::move(first, items.end(), std::back_inserter(out));
  items.erase(first, items.end());
  return out;
}

Result<VisibleVariables> fetch_visible(const std::vector<DeliveryItem>& items, Sources& sources, const Deadline& deadline,
                                       std::stop_token stop) {
  VisibleVariables out;
  if (items.empty()) return out;
  Scope scope;
  scope.items = items;
  DSO_TRY(out.fetched, fetch_scope(scope, sources, {}, "unused", {}, deadline, stop));
  DSO_TRY(out.plan, plan_fetched(scope, out.fetched, "unused"));
  return out;
}

Result<void> settle_user(Scope& scope, const std::string& user, const ImageConfig& image, const Engine& engine,
                         const Deadline& deadline, std::stop_token stop) {
  const std::string& who = user.empty() ? image.user : user;
  std::tie(scope.user_uid, scope.user_gid) = numeric_user(who);
  const bool variables = std::any_of(scope.items.begin(), scope.items.end(),
                                     [](const DeliveryItem& item) { return item.inject.type == InjectType::env; });
  if (scope.user_uid || !variables) return {};
  DSO_TRY(scope.named_uid, uid_of_named_user(engine, image.id, who, deadline, std::move(stop)));
  return {};
}

}  // namespace dso::cli
