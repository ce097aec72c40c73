// Reads a secret from a person at a terminal, without showing it. The value goes straight into locked memory.
#pragma once
#include <stop_token>
#include <string>

#include "base/result.h"
#include "base/secret_bytes.h"

namespace dso {

/// Shows `prompt` on stderr and reads one line of at most `limit` bytes from the terminal `fd`, byte by byte: the kernel's
/// line discipline would cut a line at 4095. InvalidRequest if it is longer or has more lines. Backspace and Ctrl-U edit; Ctrl-C
/// or `stop` give Interrupted; the terminal is put back as it was in every case.
Result<SecretBytes> hidden_prompt(int fd, const std::string& prompt, std::size_t limit, std::stop_token stop = {});

}  // namespace dso
