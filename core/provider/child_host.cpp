// Questions wait for their answer; emits and log lines are one-way.
#include "provider/child_host.h"

#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/locked_memory.h"

namespace dso {
namespace {

dso_str to_c(std::string_view s) {
  return {s.data(), s.size()};
}

/// Writes only as much as the provider's own dso_error has room for.
int32_t give_error(dso_error* out, const ipc::WireError& e) {
  const auto cls = static_cast<int32_t>(e.cls);
  if (!out) return cls;
  const std::uint32_t size = out->struct_size;
  dso_error filled{};
  filled.struct_size = size;
  filled.cls = cls;
  filled.message = to_c(e.message);
  filled.store_code = to_c(e.store_code);
  filled.request_id = to_c(e.request_id);
  filled.identity = to_c(e.identity);
  filled.next_step = to_c(e.next_step);
  filled.retry_after_ms = e.retry_after_ms;
  std::memcpy(static_cast<void*>(out), &filled, std::min<std::size_t>(size, sizeof filled));
  return cls;
}

constexpr std::size_t kMostWaiting = 64 * 1024;
/// More than the agent takes of one call.
constexpr std::size_t kMostWaitingForAnswers = 17 * 1024 * 1024;

bool is_emitted(ipc::FrameType type) {
  return type >= ipc::FrameType::emit_field && type <= ipc::FrameType::emit_identity;
}

constexpr std::string_view kHandingOut = "the provider asks its host while it is handed the answers of http_all";
constexpr std::string_view kProvidersMistake = "This is a mistake in the provider.";

}  // namespace

std::string_view from_c(const dso_str& s) {
  return s.data ? std::string_view(s.data, s.size) : std::string_view();
}

ipc::WireError read_c_error(const dso_error& e, int32_t result) {
  return {result,          from_c(e.message), from_c(e.store_code), from_c(e.request_id), from_c(e.identity), from_c(e.next_step),
          e.retry_after_ms};
}

ChildHost::ChildHost(ipc::FrameChannel& channel) : channel_(channel) {
  table_.struct_size = sizeof table_;
  table_.abi = DSO_ABI_VERSION;
  table_.ctx = this;
  table_.http = http;
  table_.read_file = read_file;
  table_.env = env;
  table_.sha256 = sha256;
  table_.hmac_sha256 = hmac_sha256;
  table_.sign = sign;
  table_.now_ms = [](void*) -> int64_t {
    timespec t{};
    clock_gettime(CLOCK_REALTIME, &t);
    return static_cast<int64_t>(t.tv_sec) * 1000 + t.tv_nsec / 1000000;
  };
  table_.log = [](void* ctx, int32_t level, dso_str text) { self(ctx).send(ipc::LogLine{level, from_c(text).substr(0, 4096)}); };
  table_.cancelled = [](void* ctx) -> int32_t { return self(ctx).cancelled() ? 1 : 0; };
  table_.emit_field = [](void* ctx, dso_request*, size_t ref, dso_str field, dso_str bytes) {
    // before anything is copied: the length may be no more than a claim
    if (field.size > ipc::kMaxPayload || bytes.size > ipc::kMaxPayload) self(ctx).refuse_too_much();
    self(ctx).send(ipc::EmitField{ref, from_c(field), from_c(bytes)});
  };
  table_.emit_version = [](void* ctx, dso_request*, size_t ref, dso_str v) { self(ctx).send(ipc::EmitVersion{ref, from_c(v)}); };
  table_.emit_lease = [](void* ctx, dso_request*, size_t ref, dso_str id, int64_t seconds, int32_t renewable) {
    self(ctx).send(ipc::EmitLease{ref, from_c(id), seconds, renewable != 0});
  };
  table_.emit_error = [](void* ctx, dso_request*, size_t ref, const dso_error* error) {
    if (error) self(ctx).send(ipc::EmitError{ref, read_c_error(*error, error->cls)});
  };
  table_.emit_name = [](void* ctx, dso_request*, dso_str name) { self(ctx).send(ipc::EmitName{from_c(name)}); };
  table_.http_all = http_all;
  table_.emit_identity = [](void* ctx, dso_request*, dso_str who) { self(ctx).send(ipc::EmitIdentity{from_c(who)}); };
  table_.lease_in_use = lease_in_use;
  table_.credential_process = credential_process;
  table_.emit_event_source = emit_event_source;
  table_.secret_alloc = [](void*, size_t size) -> void* {
    try {
      return secret_allocate(size);
    } catch (const std::bad_alloc&) {
      return nullptr;
    }
  };
  table_.secret_free = [](void*, void* memory, size_t size) { secret_deallocate(memory, size); };
}

void ChildHost::begin_call(const Deadline& deadline) {
  deadline_ = deadline;
  cancelled_ = false;
}

void ChildHost::end_call() {
  for (Lent* lent : {&http_, &file_, &env_, &hash_, &sign_, &lease_, &process_}) *lent = {};
  waiting_ = {};
}

void ChildHost::send(const ipc::ChildMessage& message) {
  const ipc::Encoded frame = ipc::encode(message);
  if (!ipc::add_frame(waiting_, frame.type, view(frame.payload))) refuse_too_much();
  const bool last = frame.type == ipc::FrameType::done || frame.type == ipc::FrameType::fatal;
  const std::size_t most = handing_out_ ? kMostWaitingForAnswers : is_emitted(frame.type) ? kMostWaiting : 0;
  if (last || waiting_.size() > most) flush();
}

void ChildHost::refuse_too_much() {
  send(ipc::Fatal{"the provider gave more than 8 MiB at once", kProvidersMistake});
  _exit(1);
}

void ChildHost::flush() {
  if (channel_.send_whole(view(waiting_), Deadline::never()) != ipc::Io::ok) _exit(1);
  waiting_.clear();
}

const ipc::HostAnswer& ChildHost::ask(Lent& lent, const ipc::ChildMessage& question) {
  if (handing_out_) {
    lent.answer.emplace();
    lent.answer->error = {DSO_E_INVALID_REQUEST, kHandingOut, {}, {}, {}, kProvidersMistake, -1};
    return *lent.answer;
  }
  send(question);
  return receive_answer(lent);
}

void ChildHost::receive(ipc::FrameType& type, SecretBuffer& payload) {
  try {
    if (channel_.receive(type, payload, Deadline::never()) == ipc::Io::ok) return;
  } catch (const std::bad_alloc& refused) {  // no exception may go through the library's frames
    waiting_.clear();
    send(ipc::Fatal{std::string("it was given more than there is memory for: ") + refused.what(), {}});
  }
  _exit(1);
}

void ChildHost::tell_unlocked_memory() {
  const std::size_t unlocked = unlocked_secret_memory();
  if (unlocked > std::exchange(unlocked_told_, unlocked))
    send(ipc::LogLine{DSO_LOG_WARN, std::to_string(unlocked / 1024) +
                                        " KiB of the provider's secret memory could not be locked and may be "
                                        "swapped. Raise the limit (ulimit -l, LimitMEMLOCK=)"});
}

const ipc::HostAnswer& ChildHost::receive_answer(Lent& lent) {
  for (;;) {
    ipc::FrameType type{};
    receive(type, lent.payload);
    if (type == ipc::FrameType::cancel) {
      cancelled_ = true;
      continue;
    }
    lent.answer = ipc::decode_answer(view(lent.payload));
    if (type != ipc::FrameType::answer || !lent.answer) _exit(1);
    return *lent.answer;
  }
}

bool ChildHost::cancelled() {
  // nothing but `cancel` can come unasked; what http_all waits for is read there, and `cancel` with it
  while (!cancelled_ && !handing_out_ && channel_.readable()) {
    ipc::FrameType type{};
    SecretBuffer none;
    receive(type, none);
    cancelled_ = type == ipc::FrameType::cancel;
  }
  return cancelled_ || deadline_.passed();
}

bool ChildHost::is_whole(const dso_http_request* request) {
  return request && request->struct_size >= offsetof(dso_http_request, max_body_bytes) + sizeof request->max_body_bytes;
}

ipc::HttpCall ChildHost::call_of(const dso_http_request& request) {
  ipc::HttpCall call{from_c(request.method), from_c(request.url), {},
                     from_c(request.body),   request.timeout_ms,  request.max_body_bytes};
  for (std::size_t i = 0; i < request.header_count; ++i)
    call.headers.emplace_back(from_c(request.headers[i].name), from_c(request.headers[i].value));
  return call;
}

void ChildHost::lend(Lent& lent, dso_http_response& response) {
  lent.headers.clear();
  for (const auto& [name, value] : lent.answer->headers) lent.headers.push_back({to_c(name), to_c(value)});
  response.status = static_cast<int32_t>(lent.answer->status);
  response.headers = lent.headers.data();
  response.header_count = lent.headers.size();
  response.body = to_c(lent.answer->bytes);
}

int32_t ChildHost::http(void* ctx, const dso_http_request* request, dso_http_response* response, dso_error* error) {
  constexpr std::size_t kResponse = offsetof(dso_http_response, body) + sizeof response->body;
  if (!is_whole(request) || !response || response->struct_size < kResponse)
    return give_error(error,
                      {DSO_E_INVALID_REQUEST, "struct_size of the HTTP request or response is too small", {}, {}, {}, {}, -1});
  Lent& lent = self(ctx).http_;
  const auto& answer = self(ctx).ask(lent, call_of(*request));
  if (answer.error.cls != DSO_OK) return give_error(error, answer.error);
  lend(lent, *response);
  return DSO_OK;
}

int32_t ChildHost::http_all(void* ctx, const dso_http_request* const* requests, size_t count, dso_http_answered answered,
                            void* user) {
  ChildHost& me = self(ctx);
  if (me.handing_out_ || count > ipc::kMaxHttpCalls || !answered || (count > 0 && !requests)) return DSO_E_INVALID_REQUEST;
  ipc::HttpAllCall all;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_whole(requests[i])) return DSO_E_INVALID_REQUEST;
    all.calls.push_back(call_of(*requests[i]));
  }
  if (count == 0) return DSO_OK;
  me.send(all);
  me.handing_out_ = true;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& answer = me.receive_answer(me.http_);
    dso_http_response response{};
    response.struct_size = sizeof response;
    dso_error error{};
    error.struct_size = sizeof error;
    if (answer.error.cls == DSO_OK)
      lend(me.http_, response);
    else
      give_error(&error, answer.error);
    answered(user, i, static_cast<int32_t>(answer.error.cls), &response, &error);
  }
  me.handing_out_ = false;
  return DSO_OK;
}

int32_t ChildHost::read_file(void* ctx, dso_str path, dso_str* content, dso_error* error) {
  const auto& answer = self(ctx).ask(self(ctx).file_, ipc::ReadFileCall{from_c(path)});
  if (answer.error.cls != DSO_OK) return give_error(error, answer.error);
  if (content) *content = to_c(answer.bytes);
  return DSO_OK;
}

int32_t ChildHost::env(void* ctx, dso_str name, dso_str* value) {
  const auto& answer = self(ctx).ask(self(ctx).env_, ipc::EnvCall{from_c(name)});
  if (answer.error.cls != DSO_OK || answer.status != 1) return 0;
  if (value) *value = to_c(answer.bytes);
  return 1;
}

int32_t ChildHost::sha256(void* ctx, dso_str data, uint8_t* digest) {
  const auto& answer = self(ctx).ask(self(ctx).hash_, ipc::Sha256Call{from_c(data)});
  if (answer.error.cls != DSO_OK || answer.bytes.size() != 32) return DSO_E_UNSUPPORTED;
  std::memcpy(digest, answer.bytes.data(), 32);
  return DSO_OK;
}

int32_t ChildHost::hmac_sha256(void* ctx, dso_str key, dso_str data, uint8_t* digest) {
  const auto& answer = self(ctx).ask(self(ctx).hash_, ipc::HmacCall{from_c(key), from_c(data)});
  if (answer.error.cls != DSO_OK || answer.bytes.size() != 32) return DSO_E_UNSUPPORTED;
  std::memcpy(digest, answer.bytes.data(), 32);
  return DSO_OK;
}

int32_t ChildHost::sign(void* ctx, int32_t algorithm, dso_str key, dso_str data, dso_str* signature, dso_error* error) {
  const auto& answer = self(ctx).ask(self(ctx).sign_, ipc::SignCall{algorithm, from_c(key), from_c(data)});
  if (answer.error.cls != DSO_OK) return give_error(error, answer.error);
  if (signature) *signature = to_c(answer.bytes);
  return DSO_OK;
}

int32_t ChildHost::lease_in_use(void* ctx, dso_str lease_id) {
  const auto& answer = self(ctx).ask(self(ctx).lease_, ipc::LeaseInUseCall{from_c(lease_id)});
  return answer.error.cls != DSO_OK || answer.status == 1 ? 1 : 0;
}

int32_t ChildHost::credential_process(void* ctx, dso_str command_line, dso_str* output, dso_error* error) {
  const auto& answer = self(ctx).ask(self(ctx).process_, ipc::CredentialProcessCall{from_c(command_line)});
  if (answer.error.cls != DSO_OK) return give_error(error, answer.error);
  if (output) *output = to_c(answer.bytes);
  return DSO_OK;
}

void ChildHost::emit_event_source(void* ctx, dso_request*, const dso_http_request* source) {
  constexpr std::size_t kRequest = offsetof(dso_http_request, header_count) + sizeof source->header_count;
  if (!source || source->struct_size < kRequest) return;
  ipc::EmitEventSource message{from_c(source->url), {}};
  for (std::size_t i = 0; i < source->header_count; ++i)
    message.headers.emplace_back(from_c(source->headers[i].name), from_c(source->headers[i].value));
  self(ctx).send(message);
}

}  // namespace dso
