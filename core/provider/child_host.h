// The host table as the provider sees it: each function becomes a frame to the agent. Runs in the child; one thread.
#pragma once
#include <string>
#include <vector>

#include "base/deadline.h"
#include "dso/provider.h"
#include "provider/frame_channel.h"
#include "provider/messages.h"

namespace dso {

class ChildHost {
 public:
  explicit ChildHost(ipc::FrameChannel& channel);
  ChildHost(const ChildHost&) = delete;
  ChildHost& operator=(const ChildHost&) = delete;

  const dso_host* table() const { return &table_; }
  void begin_call(const Deadline& deadline);
  /// What was lent is taken back (and wiped).
  void end_call();
  /// A log line, where more of this process's secret memory is not locked than was told before.
  void tell_unlocked_memory();
  /// Ends the process when the agent is gone: there is nobody left to serve.
  /// What is emitted waits until there is more, or something that the agent has to hear at once: one write instead of many. And
  /// while answers of http_all are handed out everything waits: the agent is writing them then and does not read.
  void send(const ipc::ChildMessage& message);

 private:
  /// One a host function: what it lends lives until its next call.
  struct Lent {
    SecretBuffer payload;
    std::vector<dso_header> headers;
    std::optional<ipc::HostAnswer> answer;
  };
  static ChildHost& self(void* ctx) { return *static_cast<ChildHost*>(ctx); }
  void flush();
  void receive(ipc::FrameType& type, SecretBuffer& payload);
  [[noreturn]] void refuse_too_much();
  const ipc::HostAnswer& ask(Lent& lent, const ipc::ChildMessage& question);
  const ipc::HostAnswer& receive_answer(Lent& lent);
  bool cancelled();
  static bool is_whole(const dso_http_request* request);
  static ipc::HttpCall call_of(const dso_http_request& request);
  static void lend(Lent& lent, dso_http_response& response);

  static int32_t http(void* ctx, const dso_http_request* request, dso_http_response* response, dso_error* error);
  static int32_t http_all(void* ctx, const dso_http_request* const* requests, size_t count, dso_http_answered answered,
                          void* user);
  static int32_t read_file(void* ctx, dso_str path, dso_str* content, dso_error* error);
  static int32_t env(void* ctx, dso_str name, dso_str* value);
  static int32_t sha256(void* ctx, dso_str data, uint8_t* digest);
  static int32_t hmac_sha256(void* ctx, dso_str key, dso_str data, uint8_t* digest);
  static int32_t sign(void* ctx, int32_t algorithm, dso_str key, dso_str data, dso_str* signature, dso_error* error);
  static int32_t lease_in_use(void* ctx, dso_str lease_id);
  static int32_t credential_process(void* ctx, dso_str command_line, dso_str* output, dso_error* error);
  static void emit_event_source(void* ctx, dso_request*, const dso_http_request* source);

  ipc::FrameChannel& channel_;
  dso_host table_{};
  Deadline deadline_ = Deadline::never();
  bool cancelled_ = false;
  std::size_t unlocked_told_ = 0;
  SecretBuffer waiting_;      ///< Frames that are not sent yet.
  bool handing_out_ = false;  ///< Answers of http_all are under way: no other question may be asked.
  Lent http_, file_, env_, hash_, sign_, lease_, process_;
};

/// A text from the library: null data is no text.
std::string_view from_c(const dso_str& s);
/// An error as the library filled it, its class `result`.
ipc::WireError read_c_error(const dso_error& error, int32_t result);

}  // namespace dso
