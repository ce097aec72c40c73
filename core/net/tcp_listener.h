// A listening TCP port, for what may be read by whoever reaches it (metrics). Never for secrets.
#pragma once
#include <memory>
#include <string>

#include "base/result.h"
#include "net/listener.h"

namespace dso {

/// `address`: "127.0.0.1:9477", "[::1]:9477", "localhost:9477", ":9477" (every address). Errors (Io) name it: taken, not ours.
Result<std::unique_ptr<Listener>> listen_tcp(const std::string& address);

}  // namespace dso
