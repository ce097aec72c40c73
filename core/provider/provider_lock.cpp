// The file's format is JSON, one provider a line, so that a difference between two of them is easily read.
#include "provider/provider_lock.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <span>

namespace dso {
namespace {

namespace json = boost::json;

constexpr std::string_view kPrefix = "libdso_provider_", kSuffix = ".so";
constexpr std::int64_t kFormat = 1;
constexpr std::uint32_t kOthersMayWrite = 0022;

Error unusable(const std::string& kind, const std::string& path, std::string cause, std::string next) {
  return make_error(ErrorClass::plugin, "Cannot use the " + kind + " '" + path + "'", std::move(cause), std::move(next));
}

Error bad_lock(const std::string& path, std::string cause, std::string next = {}) {
  if (next.empty())
    next = "No provider is loaded meanwhile. Move that file away and install the providers again: dso provider install FILE.";
  return unusable("list of providers", path, std::move(cause), std::move(next));
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Empty optional: it is not an object of these four texts, or of all six, and nothing else.
std::optional<LockedProvider> read_provider(const json::value& value) {
  const json::object* object = value.if_object();
  if (!object || (object->size() != 4 && object->size() != 6)) return std::nullopt;
  LockedProvider out;
  const std::pair<const char*, std::string*> members[] = {{"name", &out.name},     {"version", &out.version},
                                                          {"file", &out.file},     {"sha256", &out.sha256},
                                                          {"signer", &out.signer}, {"signature", &out.signature}};
  for (const auto& [key, member] : std::span(members).first(object->size())) {
    const json::value* text = object->if_contains(key);
    if (!text || !text->is_string()) return std::nullopt;
    member->assign(text->get_string().data(), text->get_string().size());
  }
  if (!is_provider_type(out.name) || out.version.empty() || !is_sha256(out.sha256)) return std::nullopt;
  if (out.file != provider_file_name(out.name)) return std::nullopt;
  // Half of the two would be a signature by nobody: it is checked against the file where keys are configured.
  if (object->size() == 6 && (!is_sha256(out.signer) || out.signature.empty())) return std::nullopt;
  return out;
}

std::string json_text(std::string_view text) {
  return json::serialize(json::string(text));
}

/// "0664": as chmod takes it.
std::string octal(std::uint32_t mode) {
  std::string out = "0";
  for (int shift = 6; shift >= 0; shift -= 3) out += static_cast<char>('0' + (mode >> shift & 7));
  return out;
}

}  // namespace

bool is_provider_type(std::string_view text) {
  return !text.empty() && text.size() <= 32 && text[0] >= 'a' && text[0] <= 'z' &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string_view::npos;
}

std::string provider_file_name(std::string_view type) {
  return std::string(kPrefix) + std::string(type) + std::string(kSuffix);
}

std::optional<std::string> provider_type_of(std::string_view name) {
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix) || name.size() <= kPrefix.size() + kSuffix.size())
    return std::nullopt;
  name = name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size());
  if (!is_provider_type(name)) return std::nullopt;
  return std::string(name);
}

const LockedProvider* ProviderLock::find(std::string_view name) const {
  const auto found = std::find_if(providers_.begin(), providers_.end(), [name](const auto& p) { return p.name == name; });
  return found == providers_.end() ? nullptr : &*found;
}

void ProviderLock::put(LockedProvider provider) {
  drop(provider.name);
  const auto after = std::find_if(providers_.begin(), providers_.end(), [&](const auto& p) { return p.name > provider.name; });
  providers_.insert(after, std::move(provider));
}

void ProviderLock::drop(std::string_view name) {
  std::erase_if(providers_, [name](const auto& p) { return p.name == name; });
}

Result<ProviderLock> parse_provider_lock(std::string_view text, const std::string& path) {
  boost::system::error_code failed;
  const json::value whole = json::parse(json::string_view(text.data(), text.size()), failed);
  const json::object* root = failed ? nullptr : whole.if_object();
  if (!root) return bad_lock(path, "it is no JSON object");
  const json::value* format = root->if_contains("format");
  if (!format || !format->is_int64()) return bad_lock(path, "it has no 'format'");
  if (format->get_int64() != kFormat)
    return bad_lock(path, "its format is " + std::to_string(format->get_int64()) + ", this DSO knows " + std::to_string(kFormat),
                    "It was written by another release of DSO: use that one, or move the file away and install the providers "
                    "again.");
  const json::value* list = root->if_contains("providers");
  if (!list || !list->is_array()) return bad_lock(path, "it has no list 'providers'");
  ProviderLock lock;
  std::size_t number = 0;
  for (const json::value& value : list->get_array()) {
    ++number;
    auto provider = read_provider(value);
    if (!provider)
      return bad_lock(path, "its entry " + std::to_string(number) + " is not a name, a version, that name's file and a SHA-256");
    if (lock.find(provider->name)) return bad_lock(path, "it has '" + provider->name + "' twice");
    lock.put(std::move(*provider));
  }
  return lock;
}

std::string provider_lock_text(const ProviderLock& lock) {
  std::string out = "{\n  \"format\": " + std::to_string(kFormat) + ",\n  \"providers\": [";
  bool first = true;
  for (const LockedProvider& p : lock.providers()) {
    out += first ? "\n" : ",\n";
    first = false;
    out += "    {\"name\": " + json_text(p.name) + ", \"version\": " + json_text(p.version) + ", \"file\": " + json_text(p.file) +
           ", \"sha256\": " + json_text(p.sha256);
    if (!p.signer.empty()) out += ", \"signer\": " + json_text(p.signer) + ", \"signature\": " + json_text(p.signature);
    out += "}";
  }
  return out + (first ? "]\n}\n" : "\n  ]\n}\n");
}

Result<void> check_owner(const std::string& kind, const std::string& path, const OwnerFacts& facts, std::uint32_t user) {
  if (facts.uid != 0 && facts.uid != user)
    return unusable(kind, path,
                    "it belongs to uid " + std::to_string(facts.uid) + ", only root" +
                        (user == 0 ? "" : " or uid " + std::to_string(user) + " (who runs dso)") +
                        " may own what DSO loads code from",
                    "If you trust it: chown root:root '" + path + "'.");
  if (facts.mode & kOthersMayWrite)
    return unusable(kind, path,
                    std::string(facts.mode & 0002 ? "everybody" : "its group") + " may write it (mode " + octal(facts.mode) + ")",
                    "If you trust what it holds: chmod go-w '" + path + "'.");
  return {};
}

Result<void> check_locked(const ProviderLock& lock, const std::string& type, const std::string& path, const std::string& sha256) {
  const LockedProvider* locked = lock.find(type);
  if (!locked)
    return unusable("provider", path, std::string(kProviderLockName) + " does not list it",
                    "If you trust it: dso provider install " + path + ".");
  if (locked->sha256 != sha256)
    return unusable(
        "provider", path,
        "its SHA-256 is " + sha256 + ", " + kProviderLockName + " expects " + locked->sha256 + " (version " + locked->version +
            ")",
        "Somebody replaced or changed it. If that was you: dso provider install " + path + "; else install the genuine file.");
  return {};
}

}  // namespace dso
