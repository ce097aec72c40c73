// Requests and answers of KV version 2; every value goes from the parsed answer straight to the host.
#include "vault_kv.h"

#include <boost/json/array.hpp>
#include <utility>

namespace vault {

using dso::sdk::Answer;
using dso::sdk::Failure;
using dso::sdk::Item;
using dso::sdk::Ref;
using dso::sdk::Refs;

namespace {

constexpr int kMaxListRequests = 500;
constexpr int kMaxDepth = 16;

/// Below the mount by the way of the engine's version: "secret/data/x", "kv1/x".
std::string api_path(const Location& at, std::string_view v2_kind) {
  std::string p = at.mount;
  if (at.version == 2) p += "/" + std::string(v2_kind);
  return at.path.empty() ? p : p + "/" + at.path;
}

}  // namespace

Context Kv::context(Operation operation, std::string path, std::string_view version) const {
  return {.operation = operation,
          .path = std::move(path),
          .version = std::string(version),
          .ns = settings_.ns,
          .identity = session_.identity()};
}

Reply Kv::ask(const Client::Call& call, const Context& context) {
  Reply reply = session_.ask(call);
  if (reply.ok()) return reply;
  Context now = context;
  now.identity = session_.identity();  // the first request logged in
  throw failure_of(reply.status, reply.facts, now, reply.retry_after);
}

const Location* Kv::known(std::string_view full) const {
  for (std::size_t slash = full.find('/'); slash != std::string_view::npos; slash = full.find('/', slash + 1))
    if (const auto mount = known_.find(full.substr(0, slash)); mount != known_.end()) return &mount->second;
  return nullptr;
}

Location Kv::locate(const std::string& name) {
  if (!settings_.mount.empty() && settings_.kv_version) return guessed_location(settings_, name);
  const std::string full = settings_.mount.empty() ? name : settings_.mount + "/" + name;
  if (const Location* mount = known(full)) {
    Location at = *mount;
    at.path = full.substr(at.mount.size() + 1);
    return at;
  }
  const Reply reply = session_.ask({.path = "sys/internal/ui/mounts/" + encode_path(full)});
  // Vault says 403 where the token may not read below the path, and where nothing is mounted: reading will tell which.
  if (reply.status == 403 || reply.status == 404) return guessed_location(settings_, name);
  const Context about = context(Operation::mount_lookup, full);
  if (!reply.ok()) throw failure_of(reply.status, reply.facts, about, reply.retry_after);
  std::optional<Location> at = location_from(reply.member("data", about), full);
  if (!at || at->path.empty()) return guessed_location(settings_, name);
  if (settings_.kv_version) at->version = settings_.kv_version;
  return known_.insert_or_assign(at->mount, *at).first->second;
}

void Kv::ask_for(Refs refs, What what, Answer& answer) {
  std::vector<Question> open;
  for (std::size_t i = 0; i < refs.size(); ++i)
    answer.one(refs[i], [&](const Ref& ref, Item& item) {
      const Location at = locate(checked_name(ref.name));
      if (at.version == 1) return plain(at, ref, what, item);
      const bool of_data = what == What::value || !ref.version.empty() || metadata_forbidden_.contains(api_path(at, "metadata"));
      open.push_back(question(at, ref, what, of_data));
    });
  const auto ask_first = [&] {
    const Question q = std::move(open.front());
    open.erase(open.begin());
    answer.one(q.ref, [&](const Ref&, Item& item) { ask_alone(q, item); });
  };
  if (open.size() > 1 && !session_.proven()) ask_first();  // a bad token is refused once, not for each of them
  // Each round either asks another question or learns whether a 403 was about the token; a 403 that stays unclear is looked
  // into one by one.
  for (int round = 0; open.size() > 1 && round < 4; ++round) open = ask_at_once(std::move(open), answer);
  while (!open.empty()) ask_first();
}

void Kv::plain(const Location& at, const Ref& ref, What what, Item& item) {
  if (what == What::version) {
    if (at.kv) throw Failure(DSO_E_UNSUPPORTED, "a version 1 mount keeps no versions");
    return reader_.version(api_path(at, ""), item);
  }
  if (!ref.version.empty())
    throw Failure(DSO_E_UNSUPPORTED, at.kv ? "a version 1 mount keeps no versions" : "this engine keeps no versions",
                  at.kv ? "Leave the version out, or upgrade the mount to version 2." : "Leave the version out.");
  try {
    reader_.fetch(api_path(at, ""), item);
  } catch (const Failure& f) {
    if (f.cls == DSO_E_INVALID_REQUEST || f.cls == DSO_E_NOT_FOUND) known_.erase(at.mount);  // the mount may have changed
    throw;
  }
}

Kv::Question Kv::question(const Location& at, const Ref& ref, What what, bool of_data) const {
  const std::string path = api_path(at, of_data ? "data" : "metadata");
  Question q{ref, at, what, of_data, encode_path(path), context(of_data ? Operation::read : Operation::metadata, path)};
  if (!ref.version.empty()) {
    q.url += "?version=" + std::string(version_number(ref.version));
    q.about.version = ref.version;
  }
  return q;
}

std::vector<Kv::Question> Kv::ask_at_once(std::vector<Question> questions, Answer& answer) {
  std::vector<Client::Call> calls;
  for (const Question& q : questions) calls.push_back({.path = q.url});
  std::vector<Question> again;
  std::vector<std::size_t> unclear;
  try {
    unclear = session_.ask_all(std::move(calls), [&](std::size_t i, const Client::Outcome& outcome) {
      const Question& q = questions[i];
      answer.one(q.ref, [&](const Ref& ref, Item& item) {
        if (!take(q, outcome.reply(), item)) again.push_back(question(q.at, ref, q.what, true));
      });
    });
  } catch (const Failure& f) {  // no token: the same for each of them
    for (const Question& q : questions) answer.error(q.ref.index, f);
    return {};
  }
  bool first = true;
  for (const std::size_t i : unclear) {
    Question& q = questions[i];
    if (std::exchange(first, false))
      answer.one(q.ref, [&](const Ref&, Item& item) { ask_alone(q, item); });
    else
      again.push_back(std::move(q));
  }
  return again;
}

void Kv::ask_alone(Question q, Item& item) {
  while (!take(q, session_.ask({.path = q.url}), item)) q = question(q.at, q.ref, q.what, true);
}

/// False: the metadata does not tell, so ask for the data.
bool Kv::take(const Question& q, const Reply& reply, Item& item) {
  if (!q.of_data && reply.status == 403) {
    metadata_forbidden_.insert(q.about.path);
    return false;
  }
  Context about = q.about;
  about.identity = session_.identity();  // the first request logged in
  if (!reply.ok()) {
    Failure f = failure_of(reply.status, reply.facts, about, reply.retry_after);
    if (f.cls == DSO_E_INVALID_REQUEST || f.cls == DSO_E_NOT_FOUND) known_.erase(q.at.mount);  // the mount may have changed
    if (q.at.path.starts_with("data/") && (f.cls == DSO_E_NOT_FOUND || f.cls == DSO_E_ACCESS_DENIED))
      f.next_step = "Leave out 'data/', which DSO puts in itself: write " + q.at.mount + "/" + q.at.path.substr(5) + ".";
    throw f;
  }
  if (!q.of_data) return take_metadata(reply, about, item);
  return take_data(q, reply, item), true;
}

void Kv::take_data(const Question& q, const Reply& reply, Item& item) const {
  const boost::json::object& data = reply.member("data", q.about);
  const auto* metadata = object_at(data, "metadata");
  const auto* fields = object_at(data, "data");
  const std::int64_t number = metadata ? integer_at(*metadata, "version", 0) : 0;
  if (number <= 0 || (q.what == What::value && !fields))
    throw malformed(reply.status, q.about, "the answer is not one of a version 2 mount");
  const std::string version = version_text(number, string_at(*metadata, "created_time"));
  if (q.what == What::value) {
    if (q.ref.version.find('@') != std::string_view::npos && q.ref.version != version)
      throw Failure(DSO_E_VERSION_NOT_FOUND,
                    "version " + std::to_string(number) + " was removed with its history and written anew",
                    "See vault kv metadata get.");
    each_field(reply, *fields, {"data", "data"}, q.about,
               [&item](std::string_view field, std::string_view value) { item.field(field, value); });
  }
  item.version(version);
}

bool Kv::take_metadata(const Reply& reply, const Context& about, Item& item) {
  const boost::json::object& data = reply.member("data", about);
  const std::int64_t number = integer_at(data, "current_version", 0);
  const auto* versions = object_at(data, "versions");
  const auto* current = versions ? object_at(*versions, std::to_string(number)) : nullptr;
  if (number == 0) throw failure_of(404, {.json = true}, about);  // metadata was written, a value never was
  if (!current) throw malformed(reply.status, about, "the metadata does not hold its current version");
  // Deleted, or to be deleted one day: the server's clock decides, so ask for the data.
  if (bool_at(*current, "destroyed") || !string_at(*current, "deletion_time").empty()) return false;
  item.version(version_text(number, string_at(*current, "created_time")));
  return true;
}

void Kv::list_folder(const Location& folder, int depth, int& requests, Answer& answer) {
  if (host_.cancelled()) throw Failure(DSO_E_TIMEOUT, "the host asked the provider to stop");
  if (depth > kMaxDepth || ++requests > kMaxListRequests) {
    if (requests == kMaxListRequests + 1) host_.log(DSO_LOG_WARN, "the list is cut off: too many folders");
    return;
  }
  const std::string path = api_path(folder, "metadata") + "/";
  const Reply reply = session_.ask({.path = encode_path(path) + "?list=true"});
  const Context about = context(Operation::list, path);
  if (reply.status == 404 && reply.facts.json && reply.facts.hint == Hint::none) return;  // empty
  if (!reply.ok()) throw failure_of(reply.status, reply.facts, about, reply.retry_after);
  const auto* keys = array_at(reply.member("data", about), "keys");
  if (!keys) throw malformed(reply.status, about, "the answer holds no list");
  for (const auto& k : *keys) {
    if (!k.is_string()) continue;
    const std::string_view key(k.get_string().data(), k.get_string().size());
    std::string below = folder.path.empty() ? std::string(key) : folder.path + "/" + std::string(key);
    if (!key.ends_with('/')) {
      answer.name(settings_.mount.empty() ? folder.mount + "/" + below : below);
      continue;
    }
    below.pop_back();
    try {
      list_folder({folder.mount, below, folder.version, true}, depth + 1, requests, answer);
    } catch (const Failure& f) {
      if (f.cls != DSO_E_ACCESS_DENIED) throw;  // a folder that is not ours is simply not listed
    }
  }
}

void Kv::list(Answer& answer) {
  int requests = 0;
  if (!settings_.mount.empty()) {
    int version = settings_.kv_version;
    bool kv = true;
    if (!version) {
      const Reply reply = session_.ask({.path = "sys/internal/ui/mounts/" + encode_path(settings_.mount)});
      version = 2;
      if (reply.ok())
        if (const auto at =
                location_from(reply.member("data", context(Operation::mount_lookup, settings_.mount)), settings_.mount))
          version = at->version, kv = at->kv;
    }
    if (!kv)
      throw Failure(DSO_E_UNSUPPORTED, "'" + settings_.mount + "' is no kv mount, and only those are listed",
                    "Name its secrets.");
    return list_folder({settings_.mount, "", version, true}, 0, requests, answer);
  }
  const Context about = context(Operation::mount_lookup, "sys/internal/ui/mounts");
  const Reply reply = ask({.path = about.path}, about);
  const auto* mounts = object_at(reply.member("data", about), "secret");
  if (!mounts) throw malformed(reply.status, about, "the answer holds no mounts");
  for (const auto& mount : *mounts) {
    const auto* facts = mount.value().if_object();
    if (!facts || string_at(*facts, "type") != "kv") continue;
    const auto* options = object_at(*facts, "options");
    const std::string_view name = without_slashes({mount.key().data(), mount.key().size()});
    try {
      list_folder({std::string(name), "", options && string_at(*options, "version") == "2" ? 2 : 1, true}, 0, requests, answer);
    } catch (const Failure& f) {
      if (f.cls != DSO_E_ACCESS_DENIED) throw;
    }
  }
}

}  // namespace vault
