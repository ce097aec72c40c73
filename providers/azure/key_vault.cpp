// Requests and answers of the secrets API.
#include "key_vault.h"

#include <boost/json/array.hpp>

#include "azure_text.h"

namespace azure {

using dso::sdk::Answer;
using dso::sdk::Failure;
using dso::sdk::Item;
using dso::sdk::Ref;
using dso::sdk::Refs;

namespace {

constexpr std::string_view kApi = "?api-version=7.4";
constexpr std::string_view kFirstPage = "/secrets?api-version=7.4&maxresults=25";
constexpr int kOverdueAtOnce = 25;
constexpr std::size_t kMaxPages = 2000;
constexpr std::int64_t kListingMs = 30'000, kListPauseMs = 3600 * 1000;

bool is_word(std::string_view text) {
  for (const char c : text)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-')) return false;
  return !text.empty() && text.size() <= 127;
}

/// A JSON object's members become fields; anything else is the one field "value".
void emit_fields(std::string_view value, Item& item) {
  const auto document = Document::parse(value);
  bool named = document.has_value() && !document->root().empty();
  if (named)
    for (const auto& member : document->root()) named = named && !member.key().empty();
  if (!named) return item.field("value", value);
  const std::vector<RawMember> raw = raw_members(value);
  if (raw.size() != document->root().size())
    throw Failure(DSO_E_MALFORMED, "the secret's JSON holds a field twice", "Write it anew, each field once.");
  std::size_t i = 0;
  for (const auto& member : document->root()) {
    const std::string_view field(member.key().data(), member.key().size());
    if (member.value().is_string())
      item.field(field, {member.value().get_string().data(), member.value().get_string().size()});
    else
      item.field(field, view(compact_json(raw[i].value)));
    ++i;
  }
}

std::int64_t updated_of(const boost::json::object& secret) {
  const auto* attributes = object_at(secret, "attributes");
  return attributes ? integer_at(*attributes, "updated", 0) : 0;
}

/// Below "/secrets/", or empty.
std::string_view path_in_id(std::string_view id) {
  constexpr std::string_view kKind = "/secrets/";
  const std::size_t host = id.find("://");
  const std::size_t at = host == std::string_view::npos ? host : id.find('/', host + 3);
  if (at == std::string_view::npos || !id.substr(at).starts_with(kKind)) return {};
  return id.substr(at + kKind.size());
}

std::string memory_key(std::string_view name, std::string_view version) {
  return lower_case(name) + (version.empty() ? "" : "/" + std::string(version));
}

}  // namespace

void check_name(std::string_view name) {
  if (!is_word(name))
    throw Failure(DSO_E_INVALID_REQUEST, "this is no name of Key Vault's",
                  "Names there are letters, digits and '-', at most 127: write myapp-db for myapp/db.");
}

void check_version(std::string_view version) {
  if (!is_word(version) || version.size() > 64)
    throw Failure(DSO_E_INVALID_REQUEST, "this is no version of Key Vault's", "Versions are 32 hexadecimal digits.");
}

std::string_view version_in_id(std::string_view id) {
  const std::string_view path = path_in_id(id);
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return {};
  const std::string_view version = path.substr(slash + 1);
  return is_word(version) ? version : std::string_view();
}

std::string_view name_in_id(std::string_view id) {
  const std::string_view path = path_in_id(id);
  const std::string_view name = path.substr(0, path.find('/'));
  return is_word(name) ? name : std::string_view();
}

/// The answer to a read, or a Failure that knows whether the secret is among the deleted ones.
Reply KeyVault::read(std::string_view name, std::string_view version) {
  std::string path = "/secrets/" + std::string(name);
  if (!version.empty()) path += "/" + std::string(version);
  try {
    return client_.get(path + std::string(kApi), client_.context(Context::Operation::read, name, version));
  } catch (Failure& f) {
    memory_.forget(memory_key(name, version));
    if (f.cls != DSO_E_NOT_FOUND || deleted_forbidden_) throw;
    const Reply deleted = client_.get("/deletedsecrets/" + std::string(name) + std::string(kApi));
    if (deleted.status == 403) deleted_forbidden_ = true;
    if (!deleted.ok()) throw;
    f.cls = DSO_E_DELETED;
    f.message = "the secret was deleted and can still be recovered";
    throw;
  }
}

std::string_view KeyVault::remember(const Reply& reply, std::string_view name, std::string_view asked) {
  const std::string_view id = string_at(reply.document->root(), "id");
  const std::string_view version = version_in_id(id);
  if (version.empty() || lower_case(name_in_id(id)) != lower_case(name))
    throw malformed(reply.status, client_.context(Context::Operation::read, name), "the answer is not this secret's");
  memory_.remember(memory_key(name, asked), {.version = std::string(version),
                                             .updated_s = updated_of(reply.document->root()),
                                             .read_at_s = reply.server_time_s,
                                             .read_at_ms = host_.now_ms()});
  return version;
}

void KeyVault::fetch(const Ref& ref, Item& item) {
  check_name(ref.name);
  if (!ref.version.empty()) check_version(ref.version);
  const Reply reply = read(ref.name, ref.version);
  const boost::json::value* value = reply.document->root().if_contains("value");
  if (!value || !value->is_string())
    throw malformed(reply.status, client_.context(Context::Operation::read, ref.name), "the answer holds no value");
  const std::string_view version = remember(reply, ref.name, ref.version);
  emit_fields({value->get_string().data(), value->get_string().size()}, item);
  item.version(version);
}

template <class F>
std::string KeyVault::page(const std::string& path, F&& entry) {
  const Context about = client_.context(Context::Operation::list);
  const Reply reply = client_.get(path, about);
  const boost::json::object& root = reply.document->root();
  const auto* secrets = array_at(root, "value");
  if (!secrets) throw malformed(reply.status, about, "the answer holds no list");
  for (const auto& s : *secrets)
    if (s.is_object())
      if (const std::string_view name = name_in_id(string_at(s.get_object(), "id")); !name.empty()) entry(name, s.get_object());
  const std::string_view next = string_at(root, "nextLink");
  return next.empty() ? std::string() : client_.own_path(next, about);
}

bool KeyVault::may_list(std::size_t secrets) const {
  if (host_.now_ms() < list_again_ms_) return list_pays(secrets, pages_) && pages_ != 0;
  return list_pays(secrets, 0);
}

/// When the list says that the secret was last written; nothing: the list does not tell.
std::optional<std::int64_t> KeyVault::listed(const std::string& name, std::size_t budget) {
  if (list_failed_) throw Failure(*list_failed_);
  const std::int64_t now = host_.now_ms();
  if (!listing_ || listing_->served.contains(name) || now < listing_->begun_ms || now - listing_->begun_ms > kListingMs) {
    listing_ = Listing{};
    listing_->next = kFirstPage;
    listing_->begun_ms = now;
  }
  Listing& l = *listing_;
  try {
    while (!l.updated.contains(name) && !l.next.empty() && l.pages < budget && !host_.cancelled()) {
      const std::string path = std::move(l.next);
      l.next = page(path, [&l](std::string_view n, const boost::json::object& s) { l.updated[lower_case(n)] = updated_of(s); });
      ++l.pages;
      if (l.next == path) throw malformed(200, client_.context(Context::Operation::list), "the list has no end");
    }
  } catch (const Failure& f) {
    listing_.reset();
    if (f.cls != DSO_E_ACCESS_DENIED) throw list_failed_.emplace(f);
    // may read but not list: each is read then
    pages_ = 0;
    list_again_ms_ = now + kListPauseMs;
    return std::nullopt;
  }
  if (l.next.empty()) {
    pages_ = l.pages;
    list_again_ms_ = now + kListPauseMs;
  } else if (l.pages >= budget) {
    pages_ = budget;
    list_again_ms_ = now + kListPauseMs;
  }
  l.served.insert(name);
  const auto found = l.updated.find(name);
  return found == l.updated.end() ? std::nullopt : std::optional(found->second);
}

void KeyVault::version(const Ref& ref, bool list, std::size_t secrets, int& overdue, Item& item) {
  check_name(ref.name);
  const std::string key = memory_key(ref.name, ref.version);
  if (!ref.version.empty()) {
    check_version(ref.version);
    if (!memory_.must_read_fixed(key, host_.now_ms())) return item.version(memory_.find(key)->version);
  } else if (list && may_list(secrets)) {
    if (const auto updated = listed(key, secrets))
      if (!memory_.must_read(key, *updated, host_.now_ms(), overdue)) return item.version(memory_.find(key)->version);
  }
  item.version(remember(read(ref.name, ref.version), ref.name, ref.version));
}

void KeyVault::versions(Refs refs, Answer& answer) {
  list_failed_.reset();
  std::size_t current = 0;
  for (std::size_t i = 0; i < refs.size(); ++i) current += refs[i].version.empty() ? 1 : 0;
  const bool list = may_list(current);
  int overdue = kOverdueAtOnce;
  answer.each(refs, [&](const Ref& ref, Item& item) { version(ref, list, current, overdue, item); });
}

void KeyVault::list(Answer& answer) {
  std::string next(kFirstPage);
  for (std::size_t pages = 0; !next.empty(); ++pages) {
    if (host_.cancelled()) throw Failure(DSO_E_TIMEOUT, "the host asked the provider to stop");
    if (pages == kMaxPages) return host_.log(DSO_LOG_WARN, "the list is cut off: too many secrets");
    next = page(next, [&answer](std::string_view name, const boost::json::object&) { answer.name(name); });
  }
}

}  // namespace azure
