// One option after the other, then what they mean together.
#include "logic/volume_options.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <vector>

#include "base/digest.h"
#include "logic/delivery_names.h"
#include "logic/reference.h"
#include "logic/resolve_targets.h"
#include "logic/text.h"
#include "logic/value_template.h"

namespace dso {
namespace {

constexpr std::array<std::string_view, 6> kOptions = {"secrets", "path", "uid", "gid", "mode", "template"};
constexpr std::string_view kScopePrefix = "volume-", kService = "volume ";
/// Each class may do no more than the one before it, and who may do anything may read: what people mean by a mode of files.
bool is_ordinary(std::uint32_t bits) {
  const std::uint32_t owner = bits >> 6, group = bits >> 3 & 7, others = bits & 7;
  const auto below = [](std::uint32_t less, std::uint32_t more) { return (less & ~more) == 0 && (less == 0 || (less & 4) != 0); };
  return bits <= 0777 && below(owner, 7) && owner != 0 && below(group, owner) && below(others, group);
}

std::string octal_text(std::uint32_t bits) {
  return {'0', static_cast<char>('0' + (bits >> 6 & 7)), static_cast<char>('0' + (bits >> 3 & 7)),
          static_cast<char>('0' + (bits & 7))};
}

/// All files of a volume lie in one folder; where it is mounted is said by `docker run -v` and does not matter to us.
constexpr const char* kVolumeFolder = "/run/secrets/";

class Options {
 public:
  Options(const std::string& volume, const VolumeOptions& options) : volume_(volume), options_(options) {}

  const std::string* find(const std::string& name) const {
    auto it = options_.find(name);
    return it == options_.end() ? nullptr : &it->second;
  }
  Error bad(std::string_view option, std::string cause, std::string next) const {
    return make_error(ErrorClass::config, "Cannot make the volume '" + printable(volume_) + "'",
                      "the option '" + std::string(option) + "' " + std::move(cause), std::move(next));
  }

  Result<void> only_known() const {
    for (const auto& [name, value] : options_)
      if (std::find(kOptions.begin(), kOptions.end(), name) == kOptions.end())
        return bad(printable(name), "is unknown", suggest(name, kOptions));
    return {};
  }

  Result<std::optional<std::uint32_t>> id(const std::string& name) const {
    const std::string* text = find(name);
    if (!text) return std::optional<std::uint32_t>();
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (text->empty() || error != std::errc() || end != text->data() + text->size() || number > kHighestId)
      return bad(name, "has " + in_quotes(*text) + ", which is no number of a user or group",
                 "For example -o " + name + "=1000; names are known inside images only.");
    return std::optional(number);
  }

  Result<std::optional<std::uint32_t>> mode() const {
    const std::string* text = find("mode");
    if (!text) return std::optional<std::uint32_t>();
    const char *first = text->data(), *last = first + text->size();
    std::uint32_t bits = 0, decimal = 0;
    const auto [end, error] = std::from_chars(first, last, bits, 8);
    const bool octal = !text->empty() && error == std::errc() && end == last && text->size() <= 4 && bits <= 0777;
    const bool plain = octal && (text->starts_with('0') || is_ordinary(bits));
    // 0400 without quotes is the number 256 to YAML, and as octal digits that would let others write.
    if (!plain && std::from_chars(first, last, decimal).ptr == last && is_ordinary(decimal))
      return bad("mode", "has " + in_quotes(*text) + ", which is what YAML makes of " + octal_text(decimal) + " without quotes",
                 "Quote it: mode: \"" + octal_text(decimal) + "\".");
    if (!octal) return bad("mode", "has " + in_quotes(*text) + ", which is no octal mode", "For example -o mode=0400.");
    if (!plain)
      return bad("mode", "has " + in_quotes(*text) + ", by which others may do what its owner may not",
                 "If you mean it, write it with its 0, in quotes: \"" + octal_text(bits) + "\".");
    if ((bits & 0444) == 0)
      return bad("mode", "has " + in_quotes(*text) + ", with which nobody could read the files", "For example -o mode=0400.");
    return std::optional(bits);
  }

 private:
  const std::string& volume_;
  const VolumeOptions& options_;
};

Result<std::vector<Reference>> references(const Options& options, const Config& config) {
  constexpr const char* kExample = "For example -o secrets=myapp/db,myapp/api#key.";
  const std::string* text = options.find("secrets");
  if (!text || trim(*text).empty()) return options.bad("secrets", "is missing: it says which secrets", kExample);
  std::vector<Reference> out;
  for (std::string_view rest = *text; !rest.empty();) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view one = trim(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    if (one.empty()) continue;
    auto reference = parse_reference(one, config);
    if (reference.has_error())
      return options.bad("secrets", "has " + in_quotes(one) + ": " + reference.error().cause, reference.error().next);
    out.push_back(std::move(*reference));
  }
  if (out.empty()) return options.bad("secrets", "names no secret", kExample);
  return out;
}

/// The file name of one field: of "#tls.key" it is "key".
std::string name_of_field(const std::string& field) {
  const std::size_t at = field.find('#') == std::string::npos ? std::string::npos : field.find_last_of("#.");
  return at == std::string::npos ? field : field.substr(at + 1);
}

/// What the config says for a secret, so far as it is about files.
DeliveryItem item_of(const Reference& reference, const Config& config) {
  DeliveryItem item = item_for(config, reference.key);
  if (item.inject.type != InjectType::file) {
    item.inject = Inject{};
    item.mappings.clear();
  }
  item.inject.path = kVolumeFolder;
  for (Mapping& m : item.mappings) m.dest = std::string(last_segment(m.dest));
  if (reference.field.empty()) return item;
  std::erase_if(item.mappings, [&](const Mapping& m) { return m.field != reference.field; });
  if (item.mappings.empty()) item.mappings.push_back({reference.field, name_of_field(reference.field)});
  return item;
}

/// path and template: one file, of a name and of a content.
Result<void> one_file(const Options& options, const std::vector<Reference>& refs, std::vector<DeliveryItem>& items) {
  const std::string *path = options.find("path"), *text = options.find("template");
  if (path)
    if (const auto why = why_not_file_name(*path))
      return options.bad("path", "has " + in_quotes(*path) + ": " + *why,
                         "It is the name of the one file; the folder is where the volume is mounted (-v volume:/folder).");
  if (text) {
    if (const auto why = why_not_template(*text)) return options.bad("template", "cannot be used: " + *why, "");
    if (refs.size() != 1 || !refs[0].field.empty())
      return options.bad("template", "takes the fields of one secret",
                         "Name one secret without '#field' in 'secrets'; make a volume for each template.");
    items[0].mappings = {{*text, path ? *path : std::string(last_segment(refs[0].key.name))}};
    return {};
  }
  if (!path) return {};
  if (refs.size() != 1 || refs[0].field.empty())
    return options.bad("path", "names one file, but 'secrets' may give several",
                       "Name one field, for example -o secrets=myapp/db#password, or leave 'path' out.");
  items[0].mappings[0].dest = *path;
  return {};
}

}  // namespace

Result<Scope> volume_scope(const std::string& volume, const VolumeOptions& given, const Config& config) {
  const Options options(volume, given);
  DSO_CHECK(options.only_known());
  DSO_TRY(const auto refs, references(options, config));
  DSO_TRY(const auto uid, options.id("uid"));
  DSO_TRY(const auto gid, options.id("gid"));
  DSO_TRY(const auto mode, options.mode());
  Scope scope;
  scope.id = volume_scope_id(volume);
  scope.service = std::string(kService) + volume;
  for (const Reference& reference : refs) {
    DeliveryItem item = item_of(reference, config);
    if (uid) item.inject.uid = uid;
    if (gid) item.inject.gid = gid;
    if (mode) item.inject.mode = mode;
    scope.items.push_back(std::move(item));
  }
  DSO_CHECK(one_file(options, refs, scope.items));
  return scope;
}

std::string volume_scope_id(std::string_view volume) {
  std::string out(kScopePrefix);
  for (char c : lower(volume.substr(0, 64)))
    out += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ? c : '_';
  return out + "-" + sha256_hex(volume).substr(0, 16);
}

bool is_volume_scope(std::string_view scope_id) {
  return scope_id.starts_with(kScopePrefix);
}

std::string volume_of_scope(const Scope& scope) {
  return scope.service.starts_with(kService) ? scope.service.substr(kService.size()) : scope.service;
}

void keep_in_place(StrategyChoice& choice) {
  if (choice.type != Strategy::rolling) return;
  choice.type = Strategy::none;
  choice.refusal.clear();
  choice.reason += "; the files of a volume change in place: set the label dso.strategy to signal or restart for more";
}

std::string volume_record_json(const VolumeRecord& record) {
  boost::json::object options;
  for (const auto& [name, value] : record.options) options[name] = value;
  return boost::json::serialize(
      boost::json::object{{"name", record.name}, {"options", std::move(options)}, {"created_at", record.created_at}});
}

Result<VolumeRecord> parse_volume_record(std::string_view text) {
  boost::system::error_code ec;
  const boost::json::value root = boost::json::parse({text.data(), text.size()}, ec);
  try {
    if (!ec) {
      const boost::json::object& o = root.as_object();
      VolumeRecord out;
      out.name = o.at("name").as_string();
      out.created_at = o.at("created_at").as_string();
      for (const auto& [name, value] : o.at("options").as_object()) out.options.emplace(name, value.as_string());
      return out;
    }
  } catch (const std::exception&) {  // the library's text names its own source files
  }
  return make_error(ErrorClass::store_corrupt, "Cannot read a volume's record", "it is not the JSON that DSO writes",
                    "Remove the volume and make it again.");
}

}  // namespace dso
