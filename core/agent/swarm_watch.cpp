// Level-triggered: each round compares the whole cluster with the stores, so a step that was lost is planned again.
#include "agent/swarm_watch.h"

#include <algorithm>

#include "agent/fetch_pieces.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory_refused.h"
#include "logic/reference.h"

namespace dso {
namespace {

constexpr std::chrono::seconds kCall{15}, kSoon{2};
constexpr const char* kLook = "look at the cluster";

}  // namespace

void SwarmServed::note(const std::string& secret, const std::string& version) {
  std::lock_guard lock(mutex_);
  versions_[secret] = version;
}

std::map<std::string, std::string> SwarmServed::all() const {
  std::lock_guard lock(mutex_);
  return versions_;
}

std::map<std::string, std::string> swarm_versions(const std::vector<std::string>& references, Sources& sources,
                                                  const std::function<void(const std::string&, const Error&)>& failed,
                                                  std::stop_token stop) {
  std::map<std::string, std::vector<std::pair<std::string, std::string>>> by_instance;  // reference, name
  for (const std::string& text : references) {
    auto reference = parse_reference(text, sources.config());
    if (reference.has_error())
      failed(text, reference.error());
    else
      by_instance[reference->key.instance].push_back({text, reference->key.name});
  }
  std::map<std::string, std::string> out;
  for (const auto& [instance, asked] : by_instance) {
    const ProviderInstance* configured = sources.config().find_provider(instance);
    const auto patience = (configured ? configured->timeout : std::chrono::milliseconds(10000)) * 3;
    auto source = sources.get(instance, Deadline::in(patience));
    if (source.has_error()) {
      for (const auto& [text, name] : asked) failed(text, source.error());
      continue;
    }
    for (std::size_t at = 0; at < asked.size() && !stop.stop_requested(); at += kVersionsAtOnce) {
      const auto piece = piece_of(asked, at, kVersionsAtOnce);
      std::vector<SecretRef> refs;
      for (const auto& [text, name] : piece) refs.push_back({name, ""});
      const auto answers = (*source)->versions(refs, Deadline::in(patience), stop);
      for (std::size_t i = 0; i < std::min(piece.size(), answers.size()); ++i) {
        if (answers[i].has_error())
          failed(piece[i].first, answers[i].error());
        else if (!answers[i]->empty())
          out[piece[i].first] = *answers[i];
      }
    }
  }
  return out;
}

SwarmWatch::SwarmWatch(SwarmClient client, Sources& sources, const SwarmServed& served)
    : client_(std::move(client)), sources_(sources), served_(served) {
  thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
}

void SwarmWatch::wake() {
  std::lock_guard lock(mutex_);
  woken_ = true;
  wake_.notify_all();
}

void SwarmWatch::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    bool soon = false;
    unless_memory_is_refused("Swarm", "A look at the services", [&] { soon = round(stop); });
    std::unique_lock lock(mutex_);
    const std::chrono::milliseconds interval = sources_.config().agent.polling_interval;
    wake_.wait_for(lock, stop, soon ? std::min<std::chrono::milliseconds>(kSoon, interval) : interval, [this] { return woken_; });
    if (std::exchange(woken_, false)) next_asked_ = {};
  }
}

bool SwarmWatch::round(std::stop_token stop) {
  const auto self = client_.self(Deadline::in(kCall), stop);
  if (self.has_error() || !self->leader) {  // an engine that is away is the watchers' to tell
    if (leads_.exchange(false)) log::info("Swarm", "Another manager leads now, and its agent goes on");
    moving_.clear();
    return false;
  }
  if (!leads_.exchange(true)) log::info("Swarm", "This manager leads: services with dso.reloader=true are kept up to date");
  auto view = client_.view(Deadline::in(kCall), stop);
  if (view.has_error()) {
    const std::string text = render(view.error());
    if (!stop.stop_requested() && std::exchange(said_[kLook], text) != text)
      log::warn("Swarm", text + " Every service keeps what it has");
    return true;
  }
  said_.erase(kLook);
  const auto served = served_.all();
  for (SwarmSecret& s : view->secrets) s.asked_of_us = !s.driver.empty() && served.contains(s.name);
  for (const std::string& why : view->unread)
    if (std::exchange(said_[why], why).empty())
      log::warn("Swarm", "An object of the cluster is passed over: " + why + ". No Swarm secret is removed meanwhile");
  tell_of_ends(*view);
  bool under_way = !moving_.empty();
  for (const SwarmStep& step : plan_swarm(*view, wish_for(*view, stop))) {
    if (stop.stop_requested()) return false;
    under_way |= do_step(*view, step, stop);
  }
  return under_way;
}

SwarmWish SwarmWatch::wish_for(const SwarmView& view, std::stop_token stop) {
  if (std::chrono::steady_clock::now() >= next_asked_) ask_stores(view, stop);
  SwarmWish wish;
  wish.served = served_.all();
  wish.max_parallel = sources_.config().agent.max_parallel;
  wish.versions = versions_;
  wish.now_ms = unix_ms();
  return wish;
}

void SwarmWatch::ask_stores(const SwarmView& view, std::stop_token stop) {
  next_asked_ = std::chrono::steady_clock::now() + sources_.config().agent.polling_interval;
  versions_ = swarm_versions(
      swarm_references(view), sources_,
      [&](const std::string& reference, const Error& e) {
        const std::string text = render(e);
        if (stop.stop_requested() || std::exchange(said_[reference], text) == text) return;
        log::error("Swarm",
                   "Failed to ask for the version of '" + reference + "': " + text + " Services that use it stay as they are");
      },
      stop);
  for (const auto& [reference, version] : versions_) said_.erase(reference);
}

bool SwarmWatch::do_step(const SwarmView& view, const SwarmStep& step, std::stop_token stop) {
  using Kind = SwarmStep::Kind;
  const auto secret_of = [&](const std::string& id) {
    const auto found = std::find_if(view.secrets.begin(), view.secrets.end(), [&](const SwarmSecret& s) { return s.id == id; });
    return found == view.secrets.end() ? SwarmSecret{} : *found;
  };
  const Deadline deadline = Deadline::in(kCall);
  Result<void> done;
  std::string said;
  switch (step.kind) {
    case Kind::wait: return true;
    case Kind::keep:
      if (std::exchange(said_[step.service_id], step.reason) != step.reason)
        log::warn("Swarm", "Service '" + step.service + "' stays as it is: " + step.reason);
      return false;
    case Kind::create_secret: {
      const SwarmSecret like = secret_of(step.secret_id);
      auto labels = like.labels;
      const std::string reference = swarm_reference(like);
      labels[label::kSwarmSecret] = reference;
      labels[label::kSwarmBase] = step.base;
      labels[label::kSwarmVersion] = step.version;
      labels.erase(label::kSwarmRefused);
      auto made = client_.create_secret(step.secret, like.driver, labels, deadline, stop);
      if (made.has_error()) done = made.error();
      said = "Swarm secret '" + step.secret + "' made: " + step.reason;
      break;
    }
    case Kind::update_service: {
      std::map<std::string, SwarmMove> moves;
      for (const auto& [from, to] : step.moves) moves[from] = {to, secret_of(to).name};
      done = client_.move_service(step.service_id, moves, deadline, stop);
      if (done.has_value()) moving_.insert(step.service_id);
      said = "Updating service '" + step.service + "': " + step.reason;
      break;
    }
    case Kind::go_back: done = client_.go_back(step.service_id, deadline, stop); break;
    case Kind::give_settings_back: done = client_.give_settings_back(step.service_id, deadline, stop); break;
    case Kind::note_version:
    case Kind::mark_no_room:
    case Kind::mark_refused: {
      SwarmSecret secret = secret_of(step.secret_id);
      if (step.kind == Kind::note_version) {
        secret.labels[label::kSwarmVersion] = step.version;
      } else {
        std::string& mark = secret.labels[label::kSwarmRefused];
        mark += (mark.empty() ? "" : ",") + step.mark;
      }
      done = client_.set_labels(secret, deadline, stop);
      break;
    }
    case Kind::remove_secret:
      done = client_.remove_secret(step.secret_id, deadline, stop);
      said = "Swarm secret '" + step.secret + "' removed: " + step.reason;
      break;
  }
  const std::string about = std::string(step_name(step.kind)) + " " + step.secret_id + step.service_id;
  if (done.has_error()) {
    // Somebody else changed it in between, or another manager leads: a look soon tells. What stays is said once, and tried again
    // at the interval.
    const std::string text = render(done.error());
    if (stop.stop_requested() || std::exchange(said_[about], text) == text) return false;
    log::warn("Swarm", text + " Looked at again");
    return true;
  }
  said_.erase(about);
  if (step.kind == Kind::mark_refused)
    log::error("Swarm", "Update of service '" + step.service + "' to version " + step.version + " of '" + step.base +
                            "' failed: " + step.reason +
                            ". It has the version before again, and this one is held back until the store has another. See why "
                            "its tasks failed: docker service ps --no-trunc " +
                            step.service);
  if (step.kind == Kind::go_back)
    log::error("Swarm", "Update of service '" + step.service +
                            "' failed: its new task finds no room beside the old one: " + step.reason +
                            ". The version before stays until the service has the update order stop-first: "
                            "docker service update --update-order stop-first " +
                            step.service);
  if (!said.empty()) log::info("Swarm", said);
  return true;
}

void SwarmWatch::tell_of_ends(const SwarmView& view) {
  for (const SwarmService& s : view.services) {
    if (!moving_.contains(s.id) ||
        (s.update_state != "completed" && !s.update_state.starts_with("rollback") && s.update_state != "paused"))
      continue;
    if (s.update_state == "rollback_started") continue;
    moving_.erase(s.id);
    if (s.update_state == "completed") log::info("Swarm", "Service '" + s.name + "' runs with the new secret, every task of it");
  }
  std::erase_if(moving_, [&](const std::string& id) {
    return std::none_of(view.services.begin(), view.services.end(), [&](const SwarmService& s) { return s.id == id; });
  });
}

}  // namespace dso
