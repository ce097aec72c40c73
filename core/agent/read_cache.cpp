// The map's lock is never held while a store is asked.
#include "agent/read_cache.h"

#include <algorithm>

#include "base/log.h"
#include "base/metrics.h"
#include "logic/read_request.h"

namespace dso {
namespace {

using Clock = std::chrono::steady_clock;

/// More different secrets than that are not kept: each stays in locked memory.
constexpr std::size_t kMaxEntries = 1000;

/// What a store says of this one secret; all else (no answer, our own credentials, its certificate) is a store that is down to
/// us.
bool is_refusal(ErrorClass cls) {
  return cls == ErrorClass::access_denied || cls == ErrorClass::not_found || cls == ErrorClass::version_not_found ||
         cls == ErrorClass::deleted || cls == ErrorClass::disabled;
}

ReadCache::Reading stale(const ReadCache::Value& value) {
  metrics::add(metrics::Metric::stale_reads);
  return {value, true};
}

}  // namespace

std::shared_ptr<ReadCache::Entry> ReadCache::entry_of(const Id& id) {
  const std::lock_guard lock(mutex_);
  auto& entry = entries_[id];
  if (!entry) entry = std::make_shared<Entry>();
  auto out = entry;
  while (entries_.size() > kMaxEntries) {
    auto oldest = entries_.end();
    for (auto it = entries_.begin(); it != entries_.end(); ++it)
      if (it->first != id && (oldest == entries_.end() || it->second->fetched < oldest->second->fetched)) oldest = it;
    entries_.erase(oldest);
  }
  return out;
}

void ReadCache::ask_anew(const std::set<std::string>& instances) {
  const std::lock_guard lock(mutex_);
  for (auto& [id, entry] : entries_) {
    if (!instances.contains(id.first.instance)) continue;
    entry->outdated = true;
    entry->last_failure.reset();
    entry->refusal.reset();
  }
}

/// Who still sends one of them keeps it until it is sent. What is dropped is asked for again.
void ReadCache::drop_the_oldest(const Entry& but) {
  std::size_t bytes = 0;
  std::vector<decltype(entries_)::iterator> by_age;
  for (auto it = entries_.begin(); it != entries_.end(); ++it) {
    if (!it->second->value) continue;
    bytes += it->second->value->bytes;
    if (it->second.get() != &but) by_age.push_back(it);
  }
  if (bytes <= most_bytes_) return;
  std::sort(by_age.begin(), by_age.end(), [](const auto& a, const auto& b) { return a->second->fetched < b->second->fetched; });
  for (const auto& it : by_age) {
    if (bytes <= most_bytes_) return;
    bytes -= it->second->value->bytes;
    entries_.erase(it);
  }
}

bool ReadCache::has(const SecretKey& key) {
  const std::lock_guard lock(mutex_);
  const auto it = entries_.find({key, ""});
  return it != entries_.end() && it->second->value != nullptr;
}

void ReadCache::count_stale() const {
  const auto stale = std::count_if(entries_.begin(), entries_.end(),
                                   [](const auto& e) { return e.second->stale && e.second->value != nullptr; });
  metrics::set(metrics::Metric::secrets_stale, {}, static_cast<double>(stale));
}

Result<ReadCache::Reading> ReadCache::read_id(const Id& id, std::chrono::milliseconds max_age, const Deadline& deadline,
                                              const std::stop_token& stop) {
  {
    const std::lock_guard lock(mutex_);
    if (auto it = entries_.find(id); it != entries_.end()) {
      const Entry& e = *it->second;
      const auto now = Clock::now();
      if (e.value && !e.outdated && now - e.fetched < max_age) return Reading{e.value, false};
      if (e.last_failure && now - *e.last_failure < retry_after_) {
        if (e.value) return stale(e.value);
        if (e.refusal && max_age.count() > 0) return *e.refusal;
      }
    }
  }
  const auto entry = entry_of(id);
  const auto before = Clock::now();
  {
    std::unique_lock lock(mutex_);
    if (!fetched_.wait_for(lock, stop, deadline.left(), [&] { return !entry->fetching; })) {
      if (entry->value && !stop.stop_requested()) return stale(entry->value);
      return make_error(stop.stop_requested() ? ErrorClass::interrupted : ErrorClass::timeout,
                        "Failed to read the secret '" + id.first.name + "'", "its store was being asked for another reader",
                        "Ask again.");
    }
    // fetched by another meanwhile
    if (entry->value && entry->fetched >= before) return Reading{entry->value, false};
    if (entry->last_failure && *entry->last_failure >= before && entry->value) return stale(entry->value);
    if (entry->last_failure && *entry->last_failure >= before && entry->refusal) return *entry->refusal;
    entry->fetching = true;
  }
  struct Done {
    ReadCache& cache;
    Entry& entry;
    ~Done() {
      {
        const std::lock_guard lock(cache.mutex_);
        entry.fetching = false;
      }
      cache.fetched_.notify_all();
    }
  } const done{*this, *entry};
  return ask(*entry, id, deadline, stop);
}

Result<ReadCache::Reading> ReadCache::ask(Entry& entry, const Id& id, const Deadline& deadline, const std::stop_token& stop) {
  const SecretKey& key = id.first;
  auto fetched = fetch_(key, id.second, deadline, stop);
  const std::lock_guard lock(mutex_);
  if (fetched.has_value()) {
    entry.refusal.reset();
    entry.last_failure.reset();
    SecretBuffer answer = secret_answer(*fetched);
    std::size_t bytes = answer.size();
    for (const SecretField& field : fetched->fields) bytes += field.value.size();
    entry.value = std::make_shared<const Kept>(Kept{std::move(*fetched), std::move(answer), bytes});
    entry.fetched = Clock::now();
    entry.outdated = false;
    drop_the_oldest(entry);
    if (std::exchange(entry.stale, false)) {
      count_stale();
      log::info("Agent", "Secret '" + key.name + "' is read from its store again");
    }
    return Reading{entry.value, false};
  }
  const Error& error = fetched.error();
  const bool refused = is_refusal(error.cls);
  if (refused) entry.value = nullptr;
  if (!stop.stop_requested()) entry.last_failure = Clock::now();
  if (!entry.value) {
    if (entry.stale) count_stale();
    if (refused) entry.refusal = error;
    return error;
  }
  if (!std::exchange(entry.stale, true) && !stop.stop_requested())
    log::warn("Agent", render(error) + " Readers get the last good value, which may be stale");
  count_stale();
  return stale(entry.value);
}

}  // namespace dso
