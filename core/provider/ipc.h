// The frames between the agent and a provider's child process: an 8-byte header (size, type, magic) and a payload of
// little-endian numbers and length-prefixed texts. Pure: bytes in, bytes out. The reader never trusts its peer.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/secret_bytes.h"

namespace dso::ipc {

inline constexpr std::size_t kHeaderBytes = 8;
inline constexpr std::size_t kMaxPayload = 8 * 1024 * 1024;  ///< Either way; a longer frame is not ours.
inline constexpr std::size_t kMaxBody = 7 * 1024 * 1024;     ///< An HTTP body, so that the rest of its frame fits.

enum class FrameType : std::uint16_t {
  // agent -> child
  open = 1,
  fetch,
  versions,
  list,
  renew,
  close,
  cancel,
  answer,  ///< To the child's last question.
  events,
  // child -> agent
  loaded = 64,  ///< The library is loaded and fits.
  fatal,        ///< The child cannot go on, with the reason; it ends by itself.
  done,         ///< The call's end.
  http,         // questions: an `answer` follows
  read_file,
  env,
  sha256,
  hmac_sha256,
  sign,
  log,  // one-way
  emit_field,
  emit_version,
  emit_lease,
  emit_error,
  emit_name,
  emit_identity,
  http_all,      // a question: one `answer` for each of its requests follows, in their order
  lease_in_use,  // questions
  credential_process,
  emit_event_source,  // one-way
};

struct FrameHeader {
  std::uint32_t size = 0;  ///< Of the payload.
  FrameType type{};
};
void write_header(const FrameHeader& header, char (&out)[kHeaderBytes]);
/// Nothing: too long or not our magic. The type is not judged here.
std::optional<FrameHeader> read_header(std::string_view eight_bytes);

/// Builds a payload in locked memory.
class Writer {
 public:
  Writer& u32(std::uint32_t v);
  Writer& u64(std::uint64_t v);
  Writer& i64(std::int64_t v) { return u64(static_cast<std::uint64_t>(v)); }
  Writer& text(std::string_view v);
  std::size_t size() const { return out_.size(); }
  SecretBuffer take() { return std::move(out_); }

 private:
  SecretBuffer out_;
};

/// Reads a payload; the texts are views into it. After the first thing that does not fit, every read gives zero or empty.
class Reader {
 public:
  explicit Reader(std::string_view payload) : rest_(payload) {}
  std::uint32_t u32();
  std::uint64_t u64();
  std::int64_t i64() { return static_cast<std::int64_t>(u64()); }
  std::string_view text();
  /// A number of things of which each takes at least `bytes_each` (> 0) bytes of what is left: bounds an allocation.
  std::size_t count(std::size_t bytes_each);
  /// True: everything fitted and nothing is left over.
  bool complete() const { return ok_ && rest_.empty(); }
  bool ok() const { return ok_; }

 private:
  std::string_view take(std::size_t n);
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace dso::ipc
