// Reading stdin to its end with a bound, and the two prompts.
#include "secret_input.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/file.h"
#include "logic/text.h"
#include "render.h"
#include "vault/hidden_prompt.h"
#include "vault/private_file.h"
#include "vault/store_names.h"
#include "vault/value_text.h"

namespace dso::cli {
namespace {

/// Everything that stdin gives, at most `limit` bytes and then some, which tells the caller that it is too much.
Result<SecretBuffer> read_value_from_stdin(std::size_t limit, std::stop_token stop) {
  const UniqueFd stop_event(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  const std::stop_callback on_stop(stop, [&stop_event] { eventfd_write(stop_event.get(), 1); });
  SecretBuffer out(64 * 1024);
  std::size_t size = 0;
  while (size <= limit) {
    pollfd waits[] = {{STDIN_FILENO, POLLIN, 0}, {stop_event.get(), POLLIN, 0}};
    if (poll(waits, 2, -1) < 0 && errno != EINTR) return io_error("Cannot read the value from stdin", errno);
    if (waits[1].revents) return make_error(ErrorClass::interrupted, "Interrupted", "no value was stored");
    if (!waits[0].revents) continue;
    if (size == out.size()) out.resize(out.size() * 2);
    const ssize_t n = read(STDIN_FILENO, out.data() + size, out.size() - size);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n < 0) return io_error("Cannot read the value from stdin", errno);
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  out.resize(size);
  return out;
}

}  // namespace

Result<SecretBytes> read_value(const Globals& globals, const std::string& name, const ValueRules& rules, std::stop_token stop) {
  SecretBytes value;
  if (isatty(STDIN_FILENO) == 1) {
    DSO_TRY(value, hidden_prompt(STDIN_FILENO, "Value of '" + name + "' (not shown): ", vault::kMaxValueBytes, stop));
  } else {
    DSO_TRY(SecretBuffer bytes, read_value_from_stdin(vault::kMaxValueBytes + 2, stop));
    const std::string_view odd = odd_encoding(view(bytes));
    if (!odd.empty())
      note(globals, "dso: warning: the value " + std::string(odd) +
                        ", as Windows programs write it, and is stored with every byte of it. " +
                        (odd.starts_with("is") ? "For plain text pipe it through `iconv -f UTF-16 -t UTF-8`."
                                               : "Without the mark: pipe it through `tail -c +4`."));
    if (const std::size_t end = rules.raw || odd.starts_with("is") ? 0 : vault::added_line_end(view(bytes)); end > 0) {
      bytes.resize(bytes.size() - end);
      if (!bytes.empty()) note(globals, "The final newline is not part of the value; --raw keeps it.");
    }
    value = SecretBytes(std::move(bytes));
  }
  DSO_CHECK(vault::check_value_size(name, value.size()));
  if (value.empty() && !rules.allow_empty)
    return make_error(ErrorClass::usage, "Cannot store an empty value for '" + name + "'",
                      "it is nearly always the sign of a command that failed", "--allow-empty stores it nevertheless.");
  return value;
}

Result<SecretBytes> read_new_passphrase(std::stop_token stop) {
  if (const char* path = std::getenv("DSO_STORE_PASSPHRASE_FILE"); path && *path) return read_passphrase_file(path);
  const std::string what = "Cannot make a store with a passphrase";
  if (isatty(STDIN_FILENO) == 0)
    return make_error(ErrorClass::usage, what, "stdin is no terminal to ask on",
                      "Run it in a terminal, or name a file of mode 0600 in DSO_STORE_PASSPHRASE_FILE.");
  DSO_TRY(SecretBytes first, hidden_prompt(STDIN_FILENO, "New passphrase: ", kMaxPassphraseBytes, stop));
  if (first.empty()) return make_error(ErrorClass::usage, what, "the passphrase is empty");
  DSO_TRY(const SecretBytes second, hidden_prompt(STDIN_FILENO, "Again: ", kMaxPassphraseBytes, stop));
  if (!first.equals(second.reveal()))
    return make_error(ErrorClass::usage, what, "the two passphrases differ", "Nothing was made; try again.");
  return first;
}

}  // namespace dso::cli
