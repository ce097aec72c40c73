// Masks say nothing of a value but that it is there.
#include "secret_output.h"

#include <unistd.h>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cerrno>

#include "logic/secret_json.h"
#include "logic/secret_json_text.h"
#include "render.h"

namespace dso::cli {
namespace {

constexpr std::string_view kMask = "********";

}  // namespace

bool write_out(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = write(STDOUT_FILENO, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

bool show_secret_json(const FetchFacts& facts, const std::vector<SecretField>& fields, bool reveal) {
  boost::json::object out(secret_json_storage());
  out["name"] = facts.name;
  out["provider"] = facts.instance;
  out["version"] = facts.version;
  out["identity"] = facts.identity;
  out["opened_ms"] = facts.opened_ms;
  out["fetched_ms"] = facts.fetched_ms;
  boost::json::object& values = out["fields"].emplace_object();
  for (const SecretField& f : fields) values[f.name] = reveal ? f.value.reveal() : kMask;
  SecretBuffer text = secret_json_text(out);
  text.push_back('\n');
  return write_out(view(text));
}

bool show_secret_value(const SecretBytes& value) {
  return write_out(value.reveal()) && (isatty(STDOUT_FILENO) != 1 || value.reveal().ends_with('\n') || write_out("\n"));
}

bool show_secret_table(const std::string& name, const std::string& version, const std::vector<SecretField>& fields, bool reveal) {
  if (!print("NAME     " + name + "\nVERSION  " + (version.empty() ? "-" : version))) return false;
  std::size_t width = 5;
  for (const SecretField& f : fields) width = std::max(width, f.name.size());
  const auto pad = [&](const std::string& text) { return text + std::string(width - text.size() + 3, ' '); };
  if (!write_out("\n" + pad("FIELD") + "VALUE\n")) return false;
  for (const SecretField& f : fields)
    if (!write_out(pad(f.name)) || !write_out(reveal ? f.value.reveal() : kMask) || !write_out("\n")) return false;
  return true;
}

}  // namespace dso::cli
