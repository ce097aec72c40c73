// What all credentials share.
#include "credential.h"

#include "azure_text.h"

namespace azure {

using dso::sdk::Failure;

Token token_of(const std::optional<Document>& document, std::int64_t now_ms, const Identity& identity) {
  const auto bad = [&identity](std::string what) {
    Failure f(DSO_E_MALFORMED, std::move(what), "Check the login host, and any proxy before it.");
    f.identity = identity.text;
    return f;
  };
  if (!document) throw bad("the answer to the login is not JSON");
  const auto& root = document->root();
  const std::string_view value = string_at(root, "access_token");
  for (const char c : value)  // it becomes a header
    if (static_cast<unsigned char>(c) < 0x21 || static_cast<unsigned char>(c) > 0x7e) throw bad("the login gave no token's text");
  if (value.empty()) throw bad("the login gave no token");
  std::int64_t refresh_in = integer_at(root, "refresh_in", 0);
  if (const std::int64_t on = integer_at(root, "refresh_on", 0); refresh_in == 0 && on > 0) refresh_in = on - now_ms / 1000;
  Token out{secret(value), {}, identity};
  out.times = token_times(now_ms, integer_at(root, "expires_in", 0), integer_at(root, "expires_on", 0), refresh_in);
  if (out.times.expires_at_ms <= now_ms) {
    Failure f(DSO_E_CLOCK_SKEW, "the login gave a token that has already expired by this host's clock",
              "Start time synchronisation (timedatectl set-ntp true).");
    f.identity = identity.text;
    throw f;
  }
  return out;
}

Secret one_line(const dso::sdk::Host& host, const std::string& path, std::string_view what) {
  std::string_view content;
  try {
    content = host.read_file(path);
  } catch (Failure& f) {
    if (f.cls == DSO_E_ACCESS_DENIED) throw;  // the host does not trust it, and says why
    throw Failure(DSO_E_CREDENTIALS_UNAVAILABLE, "cannot read " + path + ": " + f.message,
                  "Put the " + std::string(what) + " there.");
  }
  const std::string_view text = trimmed(content);
  if (text.empty()) throw Failure(DSO_E_CREDENTIALS_UNAVAILABLE, path + " is empty", "Put the " + std::string(what) + " there.");
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      throw Failure(DSO_E_CREDENTIALS_UNAVAILABLE, path + " holds more than one line",
                    "It must be the " + std::string(what) + " alone.");
  return secret(text);
}

}  // namespace azure
