// By path first, since looking at each file costs a call of the engine; then by what lies there.
#include "logic/layer_changes.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <optional>
#include <set>

#include "logic/delivery_names.h"
#include "logic/docker_json.h"
#include "logic/docker_tree.h"

namespace dso {
namespace {

/// A start that writes its configuration (an entrypoint that fills in a template) does so in its first seconds.
constexpr std::int64_t kStartMs = 10'000;
/// A file's time is the kernel's, which is behind by a tick, and the engine notes a start after it.
constexpr std::int64_t kClockMs = 1'000;

/// Made anew by every start, by the engine, or to be lost at any time by what the folder is for. What Compose copies to
/// /run/secrets is no such thing.
bool is_passing(std::string_view path) {
  constexpr std::array<std::string_view, 15> kFolders = {
      "/tmp",  "/var/tmp", "/run",       "/var/run",      "/var/lock", "/var/log",         "/var/cache", "/dev",
      "/proc", "/sys",     "/etc/hosts", "/etc/hostname", "/etc/mtab", "/etc/resolv.conf", "/.dockerenv"};
  constexpr std::array<std::string_view, 4> kNames = {"__pycache__", ".cache", ".npm", "logs"};
  constexpr std::array<std::string_view, 8> kHistories = {".ash_history",       ".bash_history", ".sh_history", ".python_history",
                                                          ".node_repl_history", ".wget-hsts",    ".lesshst",    ".viminfo"};
  // (the last one is the engine's, of --init: a file to mount its own on)
  constexpr std::array<std::string_view, 5> kEndings = {".pid", ".pyc", ".sock", ".swp", "/docker-init"};
  if (is_at_or_below(path, "/run/secrets") || is_at_or_below(path, "/var/run/secrets")) return false;
  if (std::any_of(kFolders.begin(), kFolders.end(), [&](std::string_view f) { return is_at_or_below(path, f); })) return true;
  if (std::any_of(kEndings.begin(), kEndings.end(), [&](std::string_view e) { return path.ends_with(e); })) return true;
  const std::string_view last = path.substr(path.rfind('/') + 1);
  if (std::find(kHistories.begin(), kHistories.end(), last) != kHistories.end()) return true;
  for (std::size_t at = 1; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    if (std::find(kNames.begin(), kNames.end(), path.substr(at, end - at)) != kNames.end()) return true;
    at = end + 1;
  }
  return false;
}

std::string plain_of_base64(std::string_view text) {
  std::string out;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    const int digit = c >= 'A' && c <= 'Z'   ? c - 'A'
                      : c >= 'a' && c <= 'z' ? c - 'a' + 26
                      : c >= '0' && c <= '9' ? c - '0' + 52
                      : c == '+'             ? 62
                      : c == '/'             ? 63
                                             : -1;
    if (digit < 0) break;
    bits = bits << 6 | static_cast<unsigned>(digit);
    if ((count += 6) < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 255);
  }
  return out;
}

}  // namespace

std::vector<std::string> copied_files(const Container& container) {
  std::vector<std::string> out;
  const std::string text = container.label_or(label::kCopied);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string path = text.substr(at, end - at);
    at = end + 1;
    const bool mounted = std::any_of(container.mounts.begin(), container.mounts.end(),
                                     [&](const ContainerMount& m) { return is_at_or_below(path, m.destination); });
    if (path.size() > 1 && path[0] == '/' && !mounted) out.push_back(path);
  }
  return out;
}

Result<std::vector<LayerChange>> parse_layer_changes(std::string_view text) {
  boost::system::error_code failed;
  const boost::json::value root = boost::json::parse({text.data(), text.size()}, failed);
  if (failed || !(root.is_array() || root.is_null())) return docker_tree::malformed("it is no list of changes");
  std::vector<LayerChange> out;
  if (root.is_null()) return out;  // nothing has changed
  std::optional<Error> error;
  for (const boost::json::value& v : root.get_array()) {
    const JsonReader r(v.if_object(), {}, error);
    out.push_back({docker_tree::required(r, "Path"), static_cast<LayerChange::Kind>(r.integer("Kind"))});
  }
  if (error) return *error;
  return out;
}

std::vector<LayerChange> noteworthy_changes(const std::vector<LayerChange>& changes, const Container& container) {
  std::set<std::string, std::less<>> folders;  // those that are there because of what changed below
  const auto add_above = [&](std::string_view path) {
    for (std::size_t at = path.rfind('/'); at != std::string_view::npos && at > 0; at = path.rfind('/', at - 1))
      folders.emplace(path.substr(0, at));
  };
  for (const LayerChange& c : changes) add_above(c.path);
  for (const ContainerMount& m : container.mounts) {
    add_above(m.destination);
    folders.insert(m.destination);
  }
  const std::vector<std::string> copied = copied_files(container);
  std::vector<LayerChange> out;
  for (const LayerChange& c : changes) {
    if (std::find(copied.begin(), copied.end(), c.path) != copied.end()) continue;
    const bool mounted = std::any_of(container.mounts.begin(), container.mounts.end(),
                                     [&](const ContainerMount& m) { return is_at_or_below(c.path, m.destination); });
    const bool above = folders.contains(c.path) && c.kind != LayerChange::Kind::removed;
    if (!mounted && !above && !is_passing(c.path)) out.push_back(c);
  }
  return out;
}

Result<LayerEntry> parse_layer_entry(std::string_view header) {
  constexpr std::int64_t kFolder = std::int64_t{1} << 31;  // Go's os.ModeDir
  const std::string text = plain_of_base64(header);
  boost::system::error_code failed;
  const boost::json::value root = boost::json::parse(text, failed);
  if (failed || !root.is_object()) return docker_tree::malformed("it does not tell what lies at a path");
  std::optional<Error> error;
  const JsonReader r(&root.get_object(), {}, error);
  const LayerEntry out{(r.integer("mode") & kFolder) != 0, parse_rfc3339_ms(r.text("mtime")).value_or(0)};
  if (error) return *error;
  return out;
}

bool is_of_substance(const LayerChange& change, const LayerEntry& entry, const Container& container) {
  if (change.kind == LayerChange::Kind::removed) return true;
  if (entry.folder) return false;
  const bool by_its_start =
      entry.changed_at_ms >= container.started_at_ms - kClockMs && entry.changed_at_ms <= container.started_at_ms + kStartMs;
  return !(change.kind == LayerChange::Kind::changed && is_at_or_below(change.path, "/etc") && by_its_start);
}

std::string changes_text(const std::vector<LayerChange>& changes) {
  if (changes.empty()) return {};
  const std::size_t more = changes.size() - 1;
  return "'" + changes[0].path + "'" + (more == 0 ? "" : " and " + std::to_string(more) + " more");
}

}  // namespace dso
