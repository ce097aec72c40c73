// Asks the engine for what its events have spoken of.
#include "agent/opted_in_list.h"

#include <utility>

namespace dso {
namespace {

/// Each so many polls the whole list is asked for, whatever events said.
constexpr int kWholeEvery = 50;

std::map<std::string, std::vector<std::string>> opted_in_only() {
  return {{"label", {std::string(label::kReloader) + "=true"}}};
}

}  // namespace

void OptedInList::put(Container c) {
  auto shared = std::make_shared<const Container>(std::move(c));
  by_id_.insert_or_assign(shared->id, shared);
}

Result<void> OptedInList::list_whole(const Deadline& deadline, const std::stop_token& stop) {
  DSO_TRY(auto all, engine_.list(opted_in_only(), deadline, stop));
  by_id_.clear();
  for (Container& c : all) put(std::move(c));
  return {};
}

Result<void> OptedInList::look_at(const std::set<std::string>& ids, const Deadline& deadline, const std::stop_token& stop) {
  auto filters = opted_in_only();
  filters["id"] = {ids.begin(), ids.end()};
  DSO_TRY(auto found, engine_.list(filters, deadline, stop));
  for (const std::string& id : ids) by_id_.erase(id);
  for (Container& c : found) put(std::move(c));
  return {};
}

Result<std::shared_ptr<const OptedInList::Containers>> OptedInList::get(const Deadline& deadline, std::stop_token stop) {
  const std::lock_guard asking(asking_);
  auto [changed, whole] = changed_.take();
  whole |= !list_ || ++gets_ % kWholeEvery == 0;
  if (!whole && changed.empty()) return list_;
  const auto asked = whole ? list_whole(deadline, stop) : look_at(changed, deadline, stop);
  if (asked.has_error()) {
    changed_.look_failed();
    return asked.error();
  }
  auto list = std::make_shared<Containers>();
  for (const auto& [id, c] : by_id_) list->push_back(c);
  return list_ = std::move(list);
}

}  // namespace dso
