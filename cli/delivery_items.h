// What `run` and `up` do with delivery items before they deliver: fields left open get their name, plain variables go their own
// way.
#pragma once
#include <stop_token>
#include <vector>

#include "agent/deliver.h"
#include "agent/sources.h"
#include "docker/engine.h"
#include "logic/mount_clash.h"
#include "model/delivery.h"

namespace dso::cli {

/// Items with a mapping from "" (the only field) get that field's name: those secrets are fetched once for it. Errors name the
/// secret and its fields where there are several.
Result<void> name_lone_fields(std::vector<DeliveryItem>& items, Sources& sources, const Deadline& deadline, std::stop_token stop);

/// Takes the items with `inject: {type: env, visible: true}` out of `items`.
std::vector<DeliveryItem> take_visible(std::vector<DeliveryItem>& items);

/// Who reads the scope's files: `user` as it was asked for, else the image's. Where variables are delivered to one that is known
/// by name alone, the image says his number.
Result<void> settle_user(Scope& scope, const std::string& user, const ImageConfig& image, const Engine& engine,
                         const Deadline& deadline, std::stop_token stop);

/// What the container has of its own: those asked for, and volumes that the image declares where `ours` are not in their place.
std::vector<OwnMount> mounts_of(std::vector<OwnMount> asked, const ImageConfig& image, const std::vector<ScopeMount>& ours);

/// What a container lends by volumes-from, as the engine shows it; nothing of one that the engine does not know: docker says so.
Result<std::vector<OwnMount>> borrowed_mounts(const Lender& lender, const Engine& engine, const Deadline& deadline,
                                              std::stop_token stop);

/// Plain variables with their values; `plan.env` borrows from `fetched`.
struct VisibleVariables {
  FetchedScope fetched;
  DeliveryPlan plan;
};
Result<VisibleVariables> fetch_visible(const std::vector<DeliveryItem>& items, Sources& sources, const Deadline& deadline,
                                       std::stop_token stop);

}  // namespace dso::cli
