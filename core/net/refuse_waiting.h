// For a socket that is listened on by somebody else while we cannot serve it: whoever waits there learns why, and waits no
// longer.
#pragma once
#include <string_view>

#include "base/deadline.h"

namespace dso {

/// Answers each connection that waits at the unix socket `listening` (borrowed) with status 503 and `body` (JSON), and returns
/// when none waits any more or at the deadline. One thread at a time. A connection that says nothing gets no answer.
void refuse_waiting(int listening, std::string_view body, const Deadline& deadline);

}  // namespace dso
