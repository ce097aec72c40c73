// The watcher's loop and its bookkeeping; the decisions (debounce, schedule) are in logic/.
#include "agent/watcher.h"

#include <algorithm>
#include <random>
#include <span>

#include "agent/deadlines.h"
#include "agent/fetch_pieces.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory_refused.h"
#include "base/metrics.h"
#include "logic/plan_reload.h"
#include "logic/poll_rounds.h"
#include "logic/secret_json.h"
#include "logic/value_origin.h"
#include "model/leases.h"

namespace dso {
namespace {

constexpr std::chrono::seconds kBetweenEvents{1};

double random_fraction() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

std::string seconds_text(std::chrono::milliseconds ms) {
  return ms.count() % 1000 == 0 ? std::to_string(ms.count() / 1000) + "s" : std::to_string(ms.count()) + "ms";
}

std::vector<SecretRef> refs_of(std::span<const SecretKey> keys) {
  std::vector<SecretRef> refs;
  refs.reserve(keys.size());
  for (const SecretKey& key : keys) refs.push_back({key.name, ""});
  return refs;
}

/// Mostly none, and then no container is looked at.
std::set<SecretKey> frozen_in(const Config& config, const InventoryEntry& entry) {
  if (std::all_of(config.secrets.begin(), config.secrets.end(), [](const SecretConfig& s) { return s.rotation; })) return {};
  std::vector<Container> containers;
  for (const auto& c : entry.containers) containers.push_back(*c);
  return frozen_secrets(config, entry.state->scope, containers);
}

DebounceSettings debounce_settings(const Config& config) {
  return {config.agent.debounce_quiet, config.agent.debounce_max};
}

}  // namespace

Watcher::Watcher(ProviderInstance instance, Sources& sources, TmpfsStore& store, OptedInList& opted_in, Reloader& reloader,
                 Untold& untold)
    : instance_(std::move(instance)),
      sources_(sources),
      store_(store),
      opted_in_(opted_in),
      reloader_(reloader),
      untold_(untold),
      debouncer_(debounce_settings(sources.config())) {}

Watcher::~Watcher() {
  thread_ = {};  // before the listener, which it makes
}

void Watcher::start() {
  thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
}

void Watcher::wake() {
  std::lock_guard lock(mutex_);
  woken_ = true;
  wake_.notify_all();
}

void Watcher::nudge() {
  std::lock_guard lock(mutex_);
  nudged_ = true;
  wake_.notify_all();
}

void Watcher::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    unless_memory_is_refused("Watcher", "A round of '" + instance_.name + "'", [&] {
      debouncer_.use(debounce_settings(sources_.config()));  // another config may have come
      if (std::chrono::steady_clock::now() >= next_poll_) poll(stop);
      release_due(stop);
    });
    metrics::set(metrics::Metric::secrets_held, instance_.name, static_cast<double>(debouncer_.size()));
    std::unique_lock lock(mutex_);
    auto until = next_poll_;
    if (auto due = debouncer_.next_due()) until = std::min(until, *due);
    wake_.wait_until(lock, stop, until, [this] { return woken_ || nudged_; });
    if (std::exchange(woken_, false)) next_poll_ = {};
    if (std::exchange(nudged_, false)) next_poll_ = std::min(next_poll_, last_poll_ + kBetweenEvents);
  }
}

Result<std::map<SecretKey, Watcher::Wanted>> Watcher::wanted_secrets(std::stop_token stop) {
  DSO_TRY(auto inventory, take_inventory(opted_in_, store_, Deadline::in(kEngineDeadline), stop));
  DSO_CHECK(untold_.look(inventory, stop));
  std::map<SecretKey, Wanted> out;
  for (const InventoryEntry& entry : inventory) {
    const std::set<SecretKey> frozen = frozen_in(sources_.config(), entry);
    for (const DeliveredSecret& d : entry.state->delivered) {
      if (d.secret.instance != instance_.name || frozen.contains(d.secret)) continue;
      const auto refused = entry.state->refused.find(applied_key(d.secret));
      out[d.secret][entry.state->scope.id] = {d.version, d.digest,
                                              refused == entry.state->refused.end() ? std::string() : refused->second};
    }
  }
  return out;
}

void Watcher::poll(std::stop_token stop) {
  last_poll_ = std::chrono::steady_clock::now();
  next_poll_ = last_poll_ + sources_.config().agent.polling_interval;
  reloader_.retry_failed();
  auto wanted = wanted_secrets(stop);
  if (stop.stop_requested()) return;
  if (wanted.has_error()) {
    if (!std::exchange(engine_down_, true))
      log::error("Watcher", render(wanted.error()) + " Every container keeps the last good secret");
    next_poll_ = std::min(next_poll_, std::chrono::steady_clock::now() + std::chrono::seconds(5));
    return;
  }
  if (std::exchange(engine_down_, false)) {
    log::info("Watcher", "The Docker engine answers again");
    reloader_.engine_is_back();
  }
  wanted_ = std::move(*wanted);
  note_watched();

  const auto now = std::chrono::steady_clock::now();
  std::vector<SecretKey> keys;
  for (const auto& [key, w] : wanted_)
    if (auto held = refused_.find(key); held == refused_.end() || held->second.next <= now) keys.push_back(key);
  if (keys.empty()) return;
  auto source = sources_.get(instance_.name, Deadline::in(instance_.timeout));
  if (source.has_error()) {
    for (const SecretKey& key : keys) note_failure(key, source.error());
  } else {
    fetch_digests(to_be_fetched(keys, **source, stop), **source, stop,
                  [this](const SecretKey& key) { compare(key, wanted_[key]); });
    // After the round: the store is never asked for more at once than a round asks.
    if (Events* events = listener_ ? nullptr : events_of(**source)) {
      listened_ = *source;
      listener_ = std::make_unique<EventListener>(instance_.name, *events, [this] { nudge(); });
    }
  }
  if (!stop.stop_requested()) finish_round(keys, source.has_value() ? source->get() : nullptr);
}

std::vector<SecretKey> Watcher::to_be_fetched(const std::vector<SecretKey>& keys, SecretSource& source, std::stop_token stop) {
  if (polls_++ % kWholeCompareEvery == kWholeCompareEvery - 1) return keys;
  std::vector<SecretKey> out;
  for (std::size_t at = 0; at < keys.size() && !stop.stop_requested(); at += kVersionsAtOnce) {
    const auto asked = piece_of(keys, at, kVersionsAtOnce);
    const auto versions = source.versions(refs_of(asked), Deadline::in(instance_.timeout * 4), stop);
    for (std::size_t i = 0; i < asked.size(); ++i) {
      const bool answered = i < versions.size();
      if (answered && versions[i].has_error() && versions[i].error().cls != ErrorClass::unsupported) {
        if (!stop.stop_requested()) note_failure(asked[i], versions[i].error());
      } else if (answered && versions[i].has_value() && judge_version(asked[i], *versions[i])) {
        note_success(asked[i]);
      } else {
        out.push_back(asked[i]);
      }
    }
  }
  return out;
}

/// False: the version alone does not say what is to be done. What a scope refused is known by its digest.
bool Watcher::judge_version(const SecretKey& key, const std::string& version) {
  const Wanted& wanted = wanted_.at(key);
  if (version.empty()) return false;
  if (std::any_of(wanted.begin(), wanted.end(), [](const auto& each) { return !each.second.refused.empty(); })) return false;
  const Current now{version, {}};
  if (behind(wanted, now).empty() && !debouncer_.held(key)) return true;
  Current& current = current_[key];
  if (current.version != version) current = now;
  compare(key, wanted);
  return true;
}

void Watcher::fetch_digests(const std::vector<SecretKey>& keys, SecretSource& source, std::stop_token stop,
                            const std::function<void(const SecretKey&)>& fetched) {
  if (keys.empty()) return;
  auto digest_key = store_.digest_key();
  if (digest_key.has_error()) {
    log::error("Watcher", render(digest_key.error()));
    return;
  }
  for (std::size_t at = 0; at < keys.size() && !stop.stop_requested(); at += kFetchedAtOnce) {
    const auto asked = piece_of(keys, at, kFetchedAtOnce);
    std::vector<SecretKey> good;
    {
      const auto answers = source.fetch(refs_of(asked), Deadline::in(instance_.timeout * 4), stop);
      for (std::size_t i = 0; i < asked.size() && i < answers.size(); ++i) {
        if (answers[i].has_error()) {
          if (!stop.stop_requested()) note_failure(asked[i], answers[i].error());
          continue;
        }
        note_success(asked[i]);
        good.push_back(asked[i]);
        Current& current = current_[asked[i]];
        const Current now{answers[i]->version, secret_digest(digest_key->reveal(), *answers[i])};
        // What is on its way by its version stays known by it.
        const auto wanted = wanted_.find(asked[i]);
        const bool on_its_way = current.digest.empty() && !current.version.empty() && current.version == now.version &&
                                wanted != wanted_.end() && !behind(wanted->second, current).empty();
        if (!on_its_way) current = now;
      }
    }
    for (const SecretKey& key : good) fetched(key);
  }
}

/// The scopes that do not have it, and did not refuse it.
std::vector<std::string> Watcher::behind(const Wanted& wanted, const Current& current) {
  std::vector<std::string> out;
  for (const auto& [scope, had] : wanted)
    if (current.digest.empty() ? had.version != current.version : had.digest != current.digest && had.refused != current.digest)
      out.push_back(scope);
  return out;
}

void Watcher::compare(const SecretKey& key, const Wanted& wanted) {
  const std::string token = current_[key].token();
  const auto scopes = behind(wanted, current_[key]);
  if (scopes.empty()) {
    if (debouncer_.forget(key))
      log::info("Debouncer", "Update suppressed for '" + key.name + "': it changed back to what is delivered, or is held back");
    return;
  }
  if (auto handed = handed_over_.find(key); handed != handed_over_.end() && handed->second == token) {
    for (const std::string& scope : scopes)  // the reloader holds back what keeps failing
      if (!reloader_.is_busy_with(scope)) reloader_.request(scope);
    return;
  }
  const auto& settings = sources_.config().agent;
  switch (debouncer_.note(key, token, std::chrono::steady_clock::now())) {
    case Debouncer::Noted::held:
      metrics::add(metrics::Metric::secret_changes, instance_.name);
      log::info("Watcher", "Secret '" + key.name + "' changed" +
                               (current_[key].version.empty() ? "" : ", version " + current_[key].version));
      if (settings.debounce_quiet.count() > 0)
        log::info("Debouncer",
                  "Update suppressed for '" + key.name + "' until it was quiet for " + seconds_text(settings.debounce_quiet));
      break;
    case Debouncer::Noted::superseded:
      log::info("Debouncer", "Update suppressed for '" + key.name + "': it changed again within " +
                                 seconds_text(settings.debounce_quiet) + "; the newest value counts");
      break;
    case Debouncer::Noted::known: break;
  }
}

/// A due secret is looked at once more: between the poll that saw it change and now it may have changed again.
void Watcher::release_due(std::stop_token stop) {
  const auto now = std::chrono::steady_clock::now();
  auto next = debouncer_.next_due();
  if (!next || *next > now) return;
  auto source = sources_.get(instance_.name, Deadline::in(instance_.timeout));
  if (source.has_error()) {
    for (const SecretKey& key : debouncer_.due_keys(now)) debouncer_.forget(key);  // the next poll that works finds them again
    return;
  }
  const std::set<SecretKey> failed = look_again(debouncer_.due_keys(now), **source, stop);
  if (stop.stop_requested()) return;
  for (const SecretKey& key : failed) debouncer_.forget(key);  // the next poll that works finds them again
  for (const SecretKey& key : debouncer_.take_due(std::chrono::steady_clock::now())) {
    handed_over_[key] = current_[key].token();
    for (const std::string& scope : behind(wanted_[key], current_[key])) reloader_.request(scope);
  }
}

/// Those that cannot be had. Of the others, what changed once more has been noted.
std::set<SecretKey> Watcher::look_again(const std::vector<SecretKey>& due, SecretSource& source, std::stop_token stop) {
  std::set<SecretKey> failed(due.begin(), due.end());
  std::vector<SecretKey> by_version, by_digest;
  for (const SecretKey& key : due) (current_[key].digest.empty() ? by_version : by_digest).push_back(key);
  for (std::size_t at = 0; at < by_version.size() && !stop.stop_requested(); at += kVersionsAtOnce) {
    const auto asked = piece_of(by_version, at, kVersionsAtOnce);
    const auto versions = source.versions(refs_of(asked), Deadline::in(instance_.timeout * 4), stop);
    for (std::size_t i = 0; i < asked.size() && i < versions.size(); ++i) {
      if (versions[i].has_error() || versions[i]->empty()) continue;
      failed.erase(asked[i]);
      if (*versions[i] == current_[asked[i]].version) continue;
      current_[asked[i]].version = *versions[i];
      compare(asked[i], wanted_[asked[i]]);
    }
  }
  fetch_digests(by_digest, source, stop, [&](const SecretKey& key) {
    failed.erase(key);
    if (current_[key].token() != debouncer_.held(key).value_or("")) compare(key, wanted_[key]);
  });
  return failed;
}

void Watcher::note_failure(const SecretKey& key, Error error) {
  if (error.cause.empty()) error.cause = error.what;
  error.what = "Failed to fetch secret '" + key.name + "'";
  if (is_transient(error.cls)) {
    ++round_faults_;
    if (!round_error_) round_error_ = std::move(error);
    return;
  }
  Refused& held = refused_[key];
  const PollNext next =
      next_poll(held.state, error.cls, error.retry_after, sources_.config().agent.polling_interval, random_fraction());
  held = {next.state, std::chrono::steady_clock::now() + next.wait};
  if (next.went_down) log::error("Watcher", render(error) + " The containers keep the last good secret");
}

void Watcher::note_success(const SecretKey& key) {
  if (refused_.erase(key) == 0) return;
  log::info("Watcher", "Secret '" + key.name + "' can be fetched again");
  reloader_.store_is_back();
}

void Watcher::finish_round(const std::vector<SecretKey>& asked, SecretSource* source) {
  const auto error = std::exchange(round_error_, std::nullopt);
  const int faults = std::exchange(round_faults_, 0);
  const PollNext next =
      next_poll(round_, error ? std::optional(error->cls) : std::nullopt, error ? error->retry_after : std::nullopt,
                sources_.config().agent.polling_interval, random_fraction());
  if (error && !round_.last_error)
    log::error("Watcher",
               render(*error) +
                   (faults > 1 ? " So did " + std::to_string(faults - 1) + " more of provider '" + instance_.name + "'." : "") +
                   " The containers keep the last good secret");
  if (next.came_back) {
    log::info("Watcher", "Provider '" + instance_.name + "' answers again");
    reloader_.store_is_back();
  }
  round_ = next.state;
  note_round(error.has_value());
  auto wait = next.wait;
  if (Leases* leases = source ? leases_of(*source) : nullptr)
    for (const SecretKey& key : asked) wait = wait_for_lease(wait, leases->lease_left(key.name));
  next_poll_ = std::chrono::steady_clock::now() + wait;
}

void Watcher::note_round(bool failed) const {
  using metrics::Metric;
  metrics::add(Metric::polls, instance_.name);
  metrics::add(Metric::poll_failures, instance_.name, failed ? 1 : 0);
  metrics::set(Metric::provider_up, instance_.name, failed ? 0 : 1);
  if (!failed) metrics::set(Metric::last_good_poll, instance_.name, static_cast<double>(unix_ms()) / 1000);
  note_watched();
}

void Watcher::note_watched() const {
  // of what is watched now: the container of a refused secret may be gone
  const auto refused =
      std::count_if(wanted_.begin(), wanted_.end(), [this](const auto& w) { return refused_.contains(w.first); });
  metrics::set(metrics::Metric::secrets_watched, instance_.name, static_cast<double>(wanted_.size()));
  metrics::set(metrics::Metric::secrets_refused, instance_.name, static_cast<double>(refused));
}

}  // namespace dso
