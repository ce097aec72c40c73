// The lists and rules behind delivery_names.h.
#include "logic/delivery_names.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "logic/pinned_version.h"
#include "logic/text.h"

namespace dso {
namespace {

constexpr std::size_t kMaxName = 255;     // NAME_MAX
constexpr std::size_t kMaxFolder = 3072;  // leaves room for the name within PATH_MAX

/// A mount here would hide the image's own files; a folder below is fine.
constexpr std::array kSystemFolders = {
    "/bin",       "/boot",    "/etc",      "/etc/ssl",   "/etc/ssl/certs", "/etc/pki",   "/home",   "/lib",       "/lib32",
    "/lib64",     "/libx32",  "/media",    "/mnt",       "/opt",           "/root",      "/run",    "/sbin",      "/srv",
    "/tmp",       "/usr",     "/usr/etc",  "/usr/local", "/usr/share",     "/usr/src",   "/var",    "/var/cache", "/var/lib",
    "/var/local", "/var/log", "/var/mail", "/var/opt",   "/var/run",       "/var/spool", "/var/tmp"};

/// Programs, libraries and the kernel's own file systems: nothing of ours anywhere below.
constexpr std::array kSystemTrees = {"/bin",         "/boot",        "/dev",           "/lib",           "/lib32",
                                     "/lib64",       "/libx32",      "/proc",          "/sbin",          "/sys",
                                     "/usr/bin",     "/usr/include", "/usr/lib",       "/usr/lib32",     "/usr/lib64",
                                     "/usr/libexec", "/usr/sbin",    "/usr/local/bin", "/usr/local/lib", "/usr/local/sbin"};

constexpr std::array kReservedTrees = {"/run/dso", "/var/run/dso"};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
char upper_char(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool has_ascii_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

std::string clean_path(std::string_view path) {
  std::string out = std::filesystem::path(path).lexically_normal().string();
  while (out.size() > 1 && out.ends_with('/')) out.pop_back();
  return out;
}

bool is_below(std::string_view inner, std::string_view outer) {
  return inner.size() > outer.size() && inner.starts_with(outer) && inner[outer.size()] == '/';
}

bool is_at_or_below(std::string_view inner, std::string_view outer) {
  return inner == outer || is_below(inner, outer);
}

std::optional<std::string> why_not_file_name(std::string_view name) {
  if (name.empty()) return "a file needs a name";
  if (name.size() > kMaxName) return "a file name has at most 255 bytes, this one has " + std::to_string(name.size());
  if (name.find('/') != std::string_view::npos) return "a file name has no '/'";
  if (name == "." || name.starts_with("..")) return "a file name is not '.' and does not begin with '..'";
  if (has_ascii_control(name)) return "a file name has no control characters";
  return std::nullopt;
}

std::optional<std::string> why_not_folder(std::string_view folder) {
  if (folder.empty() || folder == "/") return "the root folder cannot be mounted";
  if (folder.front() != '/') return "it is not absolute";
  if (folder.size() > kMaxFolder) return "it is too long";
  if (has_ascii_control(folder)) return "it has control characters";
  std::string_view rest = folder.substr(1);
  while (true) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view part = rest.substr(0, slash);
    if (part.empty()) return "it has an empty part ('//')";
    if (part == "." || part == "..") return "it has a '" + std::string(part) + "' in it";
    if (part.size() > kMaxName) return "a part of it is longer than 255 bytes";
    if (slash == rest.size()) break;
    rest.remove_prefix(slash + 1);
  }
  for (const char* reserved : kReservedTrees)
    if (is_at_or_below(folder, reserved)) return std::string(reserved) + " is DSO's own";
  for (const char* tree : kSystemTrees)
    if (is_at_or_below(folder, tree)) return "a mount at '" + std::string(folder) + "' would hide the system's own files";
  for (const char* system : kSystemFolders)
    if (folder == system) return "a mount at '" + std::string(folder) + "' would hide the system's own files";
  return std::nullopt;
}

std::string as_linked(std::string_view path) {
  return std::string(path == "/var/run" || is_below(path, "/var/run") ? path.substr(4) : path);
}

std::optional<std::string> why_not_env_name(std::string_view name, bool asked) {
  if (asked ? !name.empty() && !has_control(name) && name.find_first_of("= ") == std::string_view::npos : is_env_name(name))
    return std::nullopt;
  return in_quotes(name) + " is not a variable's name" +
         (asked ? " (no '=', no blank)" : " (letters, digits and '_', no digit first)");
}

std::string env_name_of_field(std::string_view field) {
  std::string out;
  for (const char c : field) out.push_back(c == '-' || c == '.' || c == '/' ? '_' : upper_char(c));
  return out;
}

std::string env_name_of_secret(std::string_view segment) {
  std::string out;
  for (const char c : segment) out.push_back(is_letter(c) || is_digit(c) ? upper_char(c) : '_');
  return out;
}

std::string_view last_segment(std::string_view secret_name) {
  secret_name = without_pin(secret_name);
  while (secret_name.ends_with('/')) secret_name.remove_suffix(1);
  const std::size_t slash = secret_name.rfind('/');
  return slash == std::string_view::npos ? secret_name : secret_name.substr(slash + 1);
}

}  // namespace dso
