// Reading, and keeping what is leased for as long as it holds.
#include "vault_read.h"

#include <algorithm>

namespace vault {

using dso::sdk::Failure;
using dso::sdk::Item;

void each_field(const Reply& reply, const boost::json::object& fields, std::initializer_list<std::string_view> path,
                const Context& about, const std::function<void(std::string_view, std::string_view)>& f) {
  const std::vector<RawMember> raw = raw_members(reply.body, path);
  if (raw.size() != fields.size()) throw malformed(reply.status, about, "a field is there twice");
  std::size_t i = 0;
  for (const auto& member : fields) {
    const std::string_view name(member.key().data(), member.key().size());
    if (member.value().is_string())
      f(name, {member.value().get_string().data(), member.value().get_string().size()});
    else
      f(name, view(compact_json(raw[i].value)));
    ++i;
  }
}

std::string lease_version(std::string_view lease_id) {
  return "lease-" + std::string(lease_id.substr(lease_id.rfind('/') + 1).substr(0, 40));
}

Context Reader::context(Operation operation, std::string path) const {
  return {.operation = operation, .path = std::move(path), .ns = settings_.ns, .identity = session_.identity()};
}

Reply Reader::ask(const Client::Call& call, Context about) {
  Reply reply = session_.ask(call);
  if (reply.ok()) return reply;
  about.identity = session_.identity();  // the first request logged in
  throw failure_of(reply.status, reply.facts, about, reply.retry_after);
}

void Reader::mark() {
  for (auto& [path, held] : held_) {
    if (held.generation == session_.generation()) held.token_end_ms = session_.token_end_ms();
    if (held.generation == session_.generation() - 1)
      held.token_end_ms = std::min(held.token_end_ms, session_.former_token_end_ms());
  }
}

void Reader::begin() {
  if (held_.empty()) return;
  mark();
  try {
    session_.keep();
  } catch (const Failure&) {  // the leases hold until the last token's end; who asks next is told
  }
  mark();
}

Reading Reader::read(const std::string& path) {
  const Context about = context(Operation::read, path);
  const Reply reply = ask({.path = encode_path(path)}, about);
  const boost::json::object& data = reply.member("data", about);
  const boost::json::object& root = reply.document->root();
  Reading out;
  out.lease = string_at(root, "lease_id");
  if (!out.lease.empty()) {
    out.life = begun(host_.now_ms(), integer_at(root, "lease_duration", 0), bool_at(root, "renewable"));
    out.version = lease_version(out.lease);
  }
  // A static role's password has the date of its rotation; beside it stands a countdown that differs at every read.
  const std::string_view rotated = string_at(data, "last_vault_rotation");
  if (out.lease.empty() && !rotated.empty()) out.version = "rotated@" + std::string(rotated.substr(0, 40));
  each_field(reply, data, {"data"}, about, [&](std::string_view name, std::string_view value) {
    if (!rotated.empty() && name == "ttl") return;
    out.fields.emplace_back(std::string(name), secret(value));
  });
  return out;
}

Reader::Held& Reader::hold(const std::string& path, Reading&& reading) {
  Held held{std::move(reading), session_.generation(), session_.token_end_ms()};
  if (const auto before = held_.find(path); before != held_.end()) {
    // The same value under another lease is no new version: nobody needs to rotate.
    if (before->second.reading.fields == held.reading.fields) held.reading.version = before->second.reading.version;
  }
  return held_.insert_or_assign(path, std::move(held)).first->second;
}

Due Reader::what_is_due(const Held& held) const {
  const std::int64_t now = host_.now_ms();
  if (held.generation <= session_.refused_generation()) return Due::over;
  const bool token_goes = held.generation != session_.generation() || held.token_end_ms <= now;
  return due(token_goes ? capped(held.reading.life, held.token_end_ms) : held.reading.life, now, session_.look_ms());
}

bool Reader::renew_held(Held& held) {
  const Secret body = json_object({{"lease_id", held.reading.lease}});
  const Context about = context(Operation::renew_lease, "sys/leases/renew");
  const Reply reply = ask({.method = "PUT", .path = about.path, .body = view(body)}, about);
  if (!reply.document) throw malformed(reply.status, about, "the answer is not Vault's JSON");
  const boost::json::object& root = reply.document->root();
  held.reading.life =
      renewed(held.reading.life, host_.now_ms(), integer_at(root, "lease_duration", 0), bool_at(root, "renewable"));
  return due(held.reading.life, host_.now_ms(), 0) == Due::nothing;
}

/// Somebody may have revoked it long before its end: as cheap as a look at metadata, and the default policy allows it.
bool Reader::is_gone(const Held& held) {
  if (lookup_forbidden_) return false;
  const Secret body = json_object({{"lease_id", held.reading.lease}});
  const Reply reply = session_.ask({.method = "PUT", .path = "sys/leases/lookup", .body = view(body)});
  lookup_forbidden_ = reply.status == 403;
  return reply.status == 400 && reply.facts.hint == Hint::no_lease;
}

/// While the present one still holds, a failure is only put off.
Reader::Held& Reader::read_anew(const std::string& path, Held& held) {
  try {
    Reading reading = read(path);
    if (!reading.lease.empty()) return hold(path, std::move(reading));
    throw Failure(DSO_E_MALFORMED, "the engine gave no lease this time");
  } catch (const Failure& f) {
    if (what_is_due(held) == Due::over) throw;
    host_.log(DSO_LOG_WARN, "reading " + path + " anew failed, its present lease is used on: " + f.message);
    held.reading.life = failed(held.reading.life, host_.now_ms());
    return held;
  }
}

Reader::Held* Reader::current(const std::string& path) {
  const auto found = held_.find(path);
  if (found == held_.end()) return nullptr;
  Held& held = found->second;
  const Due what = what_is_due(held);
  if (what == Due::nothing) return &held;
  if (what == Due::renew) {
    try {
      if (renew_held(held)) return &held;
    } catch (const Failure& f) {
      if (f.cls != DSO_E_LEASE_LOST) {
        host_.log(DSO_LOG_WARN, "renewing the lease of " + path + " failed: " + f.message + ". " + f.next_step);
        held.reading.life = failed(held.reading.life, host_.now_ms());
        return &held;
      }
      held.reading.life.ttl_ms = 1;  // lost: over
    }
  }
  return &read_anew(path, held);
}

void Reader::emit_lease(const Held& held, Item& item) const {
  const Lifetime& life = held.reading.life;
  const std::int64_t left = life.ttl_ms == 0 ? 0 : std::max<std::int64_t>(life.end_ms() - host_.now_ms(), 0);
  item.lease(held.reading.lease, left / 1000, life.renewable);
}

void Reader::fetch(const std::string& path, Item& item) {
  const auto emit = [&item](const Reading& reading) {
    for (const auto& [name, value] : reading.fields) item.field(name, view(value));
    if (!reading.version.empty()) item.version(reading.version);
  };
  const Held* held = current(path);
  if (!held) {
    Reading reading = read(path);
    if (reading.lease.empty()) {
      if (reading.version.empty()) plain_.insert(path);
      return emit(reading);
    }
    plain_.erase(path);
    held = &hold(path, std::move(reading));
  }
  emit(held->reading);
  emit_lease(*held, item);
}

void Reader::version(const std::string& path, Item& item) {
  const auto none = [] { throw Failure(DSO_E_UNSUPPORTED, "what is read here has no version"); };
  if (plain_.contains(path)) none();
  Held* held = current(path);
  if (held && held->reading.life.from_ms != host_.now_ms()) {
    if (is_gone(*held)) held->reading.life.ttl_ms = 1;
    held = current(path);  // the question may also have shown that the token is gone, and its leases with it
  }
  if (!held) {
    Reading reading = read(path);
    if (reading.lease.empty()) {
      if (!reading.version.empty()) return item.version(reading.version);
      plain_.insert(path);
      none();
    }
    held = &hold(path, std::move(reading));
  }
  item.version(held->reading.version);
  emit_lease(*held, item);
}

void Reader::renew(std::string_view lease, Item& item) {
  for (auto& [path, held] : held_) {
    if (held.reading.lease != lease) continue;
    renew_held(held);
    return emit_lease(held, item);
  }
  Held stranger{};  // of an earlier run
  stranger.reading.lease = lease;
  renew_held(stranger);
  emit_lease(stranger, item);
}

bool Reader::token_in_use() const noexcept {
  return std::any_of(held_.begin(), held_.end(), [this](const auto& one) {
    return one.second.generation == session_.generation() && host_.lease_in_use(one.second.reading.lease);
  });
}

void Reader::revoke(bool all, bool token_goes) noexcept {
  constexpr int kMost = 50;
  int asked = 0;
  try {
    for (auto& [path, held] : held_) {
      if (host_.cancelled() || asked == kMost) return;
      if (token_goes && held.generation == session_.generation()) continue;
      if (!all && host_.lease_in_use(held.reading.lease)) continue;
      ++asked;
      const Secret body = json_object({{"lease_id", held.reading.lease}});
      const Reply reply = session_.ask({.method = "PUT", .path = "sys/leases/revoke", .body = view(body), .timeout_ms = 2000});
      if (reply.status == 403)
        host_.log(DSO_LOG_INFO, "the lease of " + path +
                                    ", which nobody uses any more, may not be given back and ends by itself: the policy has no "
                                    "update on \"sys/leases/revoke\"");
    }
  } catch (...) {
  }
}

}  // namespace vault
