// Files that hold a key or a passphrase: read only if nobody else can read or write them.
#pragma once
#include <string>

#include "base/result.h"
#include "base/secret_bytes.h"

namespace dso {

/// The content of a regular file that belongs to the caller or root and has no permission for group or others, at most
/// `limit` bytes. Otherwise CredentialsUnavailable with the command that cures it; Io if it cannot be read. `kind` for the
/// text: "key file". Checks and reads one descriptor.
Result<SecretBytes> read_private_file(const std::string& path, const std::string& kind, std::size_t limit);

inline constexpr std::size_t kMaxPassphraseBytes = 4096;
/// As above, without the newline that editors put at a file's end. CredentialsUnavailable if it is empty.
Result<SecretBytes> read_passphrase_file(const std::string& path);

}  // namespace dso
