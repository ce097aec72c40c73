// The smallest real provider, to copy: secrets from one JSON file, {"myapp/db": {"user": "app", "password": "…"}, …}. For hosts
// without a store, and to read. Everything it needs it borrows from the host: it opens no file and no socket of its own.
//
// Read it from the bottom: DSO_PROVIDER names the class; the class says its name and overrides what it is able to do.
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/src.hpp>  // compiled in: the library must need nothing but glibc
#include <boost/json/value.hpp>
#include <cstring>

#include "dso/provider.hpp"

namespace file_provider {
namespace {

namespace json = boost::json;
using dso::sdk::Failure;

/// What is parsed holds secrets (and the config may hold a credential): it lies in the host's memory for such, locked, and wiped
/// when it is given back. Each piece remembers its size, since Boost 1.81 gives some back as shorter than they were.
class SecretMemory final : public json::memory_resource {
  static constexpr std::size_t kHead = 16;  // as aligned as the rest

  void* do_allocate(std::size_t size, std::size_t) override {
    char* const piece = static_cast<char*>(dso::sdk::secret_allocate(size + kHead));
    std::memcpy(piece, &size, sizeof size);
    return piece + kHead;
  }
  void do_deallocate(void* memory, std::size_t, std::size_t) override {
    char* const piece = static_cast<char*>(memory) - kHead;
    std::size_t size = 0;
    std::memcpy(&size, piece, sizeof size);
    dso::sdk::secret_deallocate(piece, size + kHead);
  }
  bool do_is_equal(const json::memory_resource& other) const noexcept override { return this == &other; }
};
SecretMemory secret_memory;

/// The whole of `text` as an object, or null. What Boost says of a text that is none is not passed on: it may quote a value.
json::value parse_object(std::string_view text) {
  boost::system::error_code failed;
  json::parser parser(&secret_memory);
  parser.reset(&secret_memory);
  parser.write(text.data(), text.size(), failed);
  if (failed) return nullptr;
  json::value whole = parser.release();
  if (!whole.is_object()) return nullptr;
  return whole;
}

std::string_view view(const json::string& text) {
  return {text.data(), text.size()};
}

/// {"name", "type", "settings": {"secrets_file": …}, "auth": {…}}; settings are always texts.
std::string read_settings(std::string_view config) {
  const json::value whole = parse_object(config);
  const json::value* settings = whole.is_object() ? whole.get_object().if_contains("settings") : nullptr;
  const json::value* path = settings && settings->is_object() ? settings->get_object().if_contains("secrets_file") : nullptr;
  if (!path || !path->is_string() || path->get_string().empty())
    throw Failure(DSO_E_INVALID_REQUEST, "the setting 'secrets_file' is missing",
                  "Name a JSON file: secrets_file: /etc/dso/secrets.json.");
  return std::string(view(path->get_string()));
}

class FileProvider final : public dso::sdk::Provider {
 public:
  static constexpr const char* kName = "file";  // the file is libdso_provider_file.so, the config says type: file
  static constexpr const char* kVersion = "1.0.0";
  static constexpr const char* kConfigSchema =
      R"({"type":"object","properties":{"secrets_file":{"type":"string"}},"required":["secrets_file"]})";

  /// Only looks at the config. The store is not asked yet: that it is down must not keep DSO from starting.
  FileProvider(dso::sdk::Host host, std::string_view config) : Provider(host), path_(read_settings(config)) {}

  /// A batch: what `each` throws is the error of that one secret, the others go on.
  void fetch(dso::sdk::Refs refs, dso::sdk::Answer& answer) override {
    answer.identity("reader of " + path_);
    const json::value all = read_all();
    answer.each(refs, [&](const dso::sdk::Ref& ref, dso::sdk::Item& item) {
      if (!ref.version.empty()) throw Failure(DSO_E_VERSION_NOT_FOUND, "a file has no versions but the current one");
      const json::value* secret = all.get_object().if_contains(ref.name);
      if (!secret)
        throw Failure(DSO_E_NOT_FOUND, "'" + path_ + "' has no secret of that name", "`dso fetch` wants its whole name.");
      if (!secret->is_object() || secret->get_object().empty())
        throw Failure(DSO_E_MALFORMED, "in '" + path_ + "' it is no object with fields");
      // All are looked at before the first is given: a secret is whole or not there.
      for (const auto& field : secret->get_object())
        if (!field.value().is_string())
          throw Failure(DSO_E_MALFORMED, "its field '" + std::string(field.key()) + "' is no text", "Put it in quotation marks.");
      for (const auto& field : secret->get_object())
        item.field({field.key().data(), field.key().size()}, view(field.value().get_string()));
      // No item.version(…): the file has none, and a hash of the content would help somebody guess it. DSO then compares what it
      // fetched with a key of its own.
    });
  }

  void list(dso::sdk::Answer& answer) override {
    const json::value all = read_all();
    for (const auto& secret : all.get_object()) answer.name({secret.key().data(), secret.key().size()});
  }

 private:
  /// Anew each time: what somebody edits is seen at the next poll.
  json::value read_all() const {
    json::value all = parse_object(read_file());
    if (!all.is_object())
      throw Failure(DSO_E_MALFORMED, "'" + path_ + "' is no JSON object", "Check it with `python3 -m json.tool`.");
    return all;
  }
  std::string_view read_file() const {
    try {
      return host().read_file(path_);  // allowed, since a setting that ends in _file names it
    } catch (Failure& failure) {
      // The host speaks of files that hold credentials; for this provider the file is the store.
      if (failure.cls == DSO_E_CREDENTIALS_UNAVAILABLE) failure.cls = DSO_E_UNAVAILABLE;
      throw;
    }
  }

  const std::string path_;
};

}  // namespace
}  // namespace file_provider

DSO_PROVIDER(file_provider::FileProvider)
