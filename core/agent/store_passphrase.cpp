// Where the passphrase of a local store comes from: a private file, or a person. Never an argument or a variable's value.
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

#include "agent/sources.h"
#include "base/unique_fd.h"
#include "vault/hidden_prompt.h"
#include "vault/local_store.h"
#include "vault/private_file.h"

namespace dso {
namespace {

/// The terminal of the person in front of us. Stdin may carry a value (`dso secret set NAME < FILE`), so a person is also
/// assumed where stderr is a terminal; empty if there is nobody.
UniqueFd terminal() {
  if (isatty(STDIN_FILENO) == 0 && isatty(STDERR_FILENO) == 0) return {};
  return UniqueFd(open("/dev/tty", O_RDWR | O_CLOEXEC));
}

}  // namespace

Result<std::optional<SecretBytes>> store_passphrase(const StoreLocation& where, bool may_prompt) {
  if (!LocalStore::needs_passphrase(where)) return std::optional<SecretBytes>();
  if (const char* path = std::getenv("DSO_STORE_PASSPHRASE_FILE"); path && *path) {
    DSO_TRY(SecretBytes passphrase, read_passphrase_file(path));
    return std::optional<SecretBytes>(std::move(passphrase));
  }
  const UniqueFd tty = may_prompt ? terminal() : UniqueFd();
  if (!tty) return std::optional<SecretBytes>();  // opening the store then says what is missing
  DSO_TRY(SecretBytes passphrase,
          hidden_prompt(tty.get(), "Passphrase of the local store " + where.dir + ": ", kMaxPassphraseBytes));
  return std::optional<SecretBytes>(std::move(passphrase));
}

}  // namespace dso
