// Which file counts, and whether it can be trusted; what is in it is parse_config's business.
#include "agent/load_config.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>

#include "base/path.h"
#include "base/trusted_file.h"
#include "logic/parse_config.h"

namespace dso {
namespace {

constexpr std::size_t kLargest = 1 << 20;

struct FoundFile {
  std::string path;      ///< Empty: there is none.
  std::string named_by;  ///< "-c", "DSO_CONFIG", or empty: one of the usual places.
};

bool is_there(const char* path) {
  struct stat st {};
  // What exists but cannot be looked at must not be passed over in silence: the next place may hold another config.
  return stat(path, &st) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

FoundFile find_file(const std::string& explicit_path) {
  if (!explicit_path.empty()) return {explicit_path, "-c"};
  if (const char* named = std::getenv("DSO_CONFIG"); named && *named) return {named, "DSO_CONFIG"};
  if (is_there("dso.yaml")) return {"dso.yaml", {}};
  if (is_there("/etc/dso/dso.yaml")) return {"/etc/dso/dso.yaml", {}};
  return {};
}

Error unreadable(const FoundFile& file, const Error& why) {
  Error e;
  e.cls = ErrorClass::config;
  e.what = "Cannot read the config '" + file.path + "'";
  e.cause = why.cause;
  if (file.named_by == "-c")
    e.next = "Give the path of a dso.yaml.";
  else if (!file.named_by.empty())
    e.next = "It is named by the variable " + file.named_by + "; correct or unset it.";
  else
    e.next = "Make it readable for this user, or name another with -c.";
  return e;
}

/// Found, and obeyed by nobody: the next place is not looked at, since its config would be a surprise here.
Error distrusted(const FoundFile& file, Error why) {
  if (file.named_by.empty()) why.next += " Or name another config with -c.";
  return why;
}

}  // namespace

std::string which_config(const std::string& explicit_path) {
  return find_file(explicit_path).path;
}

ConfigMark mark_of(const std::string& file) {
  ConfigMark out;
  out.file = file.empty() ? file : absolute_path(file);
  struct stat st {};
  if (out.file.empty() || stat(out.file.c_str(), &st) != 0) return out;
  out.mtime_ns = static_cast<std::int64_t>(st.st_mtim.tv_sec) * 1'000'000'000 + st.st_mtim.tv_nsec;
  out.size = st.st_size;
  out.inode = static_cast<std::int64_t>(st.st_ino);
  return out;
}

Result<LoadedConfig> load_config_report(const std::string& explicit_path) {
  const FoundFile file = find_file(explicit_path);
  LoadedConfig out;
  out.config = default_config();
  if (file.path.empty()) return out;
  out.mark = mark_of(file.path);
  const auto text = read_trusted_text(file.path, "config", kLargest);
  if (text.has_error())
    return text.error().cls == ErrorClass::config ? distrusted(file, text.error()) : unreadable(file, text.error());
  ParsedConfig parsed = parse_config(*text, file.path);
  out.diagnostics = std::move(parsed.diagnostics);
  out.valid = parsed.config.has_value();
  if (parsed.config) out.config = std::move(*parsed.config);
  out.config.file = file.path;
  return out;
}

Result<LoadedConfig> load_config(const std::string& explicit_path) {
  DSO_TRY(LoadedConfig loaded, load_config_report(explicit_path));
  if (loaded.valid) return loaded;
  Error e;
  e.cls = ErrorClass::config;
  e.what = "The config '" + loaded.config.file + "' is not valid";
  for (const Diagnostic& d : loaded.diagnostics) {
    if (d.severity != Diagnostic::Severity::error) continue;
    if (!e.cause.empty()) e.cause += '\n';
    e.cause += render(d);
  }
  e.next = "Correct it; `dso validate` shows every finding.";
  return e;
}

}  // namespace dso
