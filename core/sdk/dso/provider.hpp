// The C++ façade over dso/provider.h: derive from Provider, throw Failure, end with DSO_PROVIDER(T). Standard library only.
//
//   class Files : public dso::sdk::Provider {
//    public:
//     static constexpr const char* kName = "files";
//     static constexpr const char* kVersion = "1.0.0";
//     Files(Host host, std::string_view config) : Provider(host) {}
//     void fetch(Refs refs, Answer& answer) override {
//       answer.each(refs, [&](const Ref& ref, Item& item) { item.field("value", host().read_file(ref.name)); });
//     }
//   };
//   DSO_PROVIDER(Files)
//
// Threads: one call at a time per instance. Texts passed in are borrowed until the call returns; what the host lends lives
// until the next call of the same host function. No exception leaves an entry: each becomes an error class.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "dso/provider.h"
#include "dso/provider_http.hpp"
#include "dso/provider_memory.hpp"

namespace dso::sdk {

/// What failed and what to do about it. The message does not repeat the secret's name: the host adds it. Never put a
/// value, a body or a credential into any of these texts.
struct Failure : std::exception {
  dso_class cls = DSO_E_UNAVAILABLE;
  std::string message;
  std::string store_code;            ///< The store's own: "403".
  std::string request_id;            ///< The store's own.
  std::string identity;              ///< Who we were to the store: "approle dso".
  std::string next_step;             ///< A sentence for the operator.
  std::int64_t retry_after_ms = -1;  ///< The store's hint, or -1.

  explicit Failure(dso_class c, std::string text, std::string next = {})
      : cls(c), message(std::move(text)), next_step(std::move(next)) {}
  Failure with_code(std::string code) && {
    store_code = std::move(code);
    return std::move(*this);
  }
  const char* what() const noexcept override { return message.c_str(); }
};

namespace detail {

/// Writes the fields of ABI 1.0, which every host has: fields are never removed.
inline void fill(dso_error* out, dso_class cls, std::string_view message, const Failure* rest = nullptr) noexcept {
  if (!out) return;
  const auto text = [rest](std::string Failure::*member) { return rest ? to_c(rest->*member) : dso_str{nullptr, 0}; };
  *out = {.struct_size = sizeof(dso_error),
          .cls = cls == DSO_OK ? DSO_E_MALFORMED : cls,
          .message = to_c(message),
          .store_code = text(&Failure::store_code),
          .request_id = text(&Failure::request_id),
          .identity = text(&Failure::identity),
          .next_step = text(&Failure::next_step),
          .retry_after_ms = rest ? rest->retry_after_ms : -1};
}

/// The texts of the last failed call: the host reads them after the entry returned, before it calls again on this thread.
inline Failure& last_failure() noexcept {
  static thread_local Failure failure(DSO_E_UNAVAILABLE, {});
  return failure;
}

constexpr std::string_view kNoMemory = "the provider is out of memory";
/// Without what(): a library's text may quote the answer, and with it a value.
constexpr std::string_view kUnexpected = "the provider threw an unexpected exception: a mistake in the provider";

/// Runs `body`; whatever it throws becomes *error and its class.
template <class F>
std::int32_t guard(dso_error* error, F&& body) noexcept {
  try {
    body();
    return DSO_OK;
  } catch (Failure& f) {
    last_failure() = std::move(f);
    fill(error, last_failure().cls, last_failure().message, &last_failure());
    return last_failure().cls == DSO_OK ? DSO_E_MALFORMED : last_failure().cls;
  } catch (const std::bad_alloc&) {
    fill(error, DSO_E_UNAVAILABLE, kNoMemory);
    return DSO_E_UNAVAILABLE;
  } catch (...) {
    fill(error, DSO_E_MALFORMED, kUnexpected);
    return DSO_E_MALFORMED;
  }
}

}  // namespace detail

using Digest = std::array<std::uint8_t, 32>;

/// The host's functions. A copy is a pointer. What an older host lacks is a Failure of class Unsupported (or, for log and
/// cancelled, nothing).
class Host {
 public:
  explicit Host(const dso_host* raw) : raw_(raw) {}

// Reads a field of the table only if the host's struct_size covers it.
#define DSO_HOST_HAS(member) \
  (raw_->struct_size >= offsetof(dso_host, member) + sizeof(dso_host::member) && raw_->member != nullptr)
#define DSO_HOST_NEEDS(member) \
  if (!DSO_HOST_HAS(member)) missing(#member)

  /// Any HTTP status is an answer; Network, Timeout, TlsError and a refused URL are Failures. Follows no redirect.
  HttpResponse http(const HttpRequest& request) const {
    DSO_HOST_NEEDS(http);
    const dso_http_request raw = request.raw();
    dso_http_response response{};
    response.struct_size = sizeof response;
    dso_error error = blank();
    check(raw_->http(raw_->ctx, &raw, &response, &error), error);
    return HttpResponse(response);
  }
  /// Requests of which none waits for another's answer, several at once where the host can: `each(i, HttpAnswer)` in their order.
  /// In there nothing may be asked of the host; what it throws comes out after the last answer.
  template <class F>
  void http_all(std::span<const HttpRequest> requests, F&& each) const;
  /// Only paths that the config names in a setting or parameter ending in _file.
  std::string_view read_file(std::string_view path) const {
    DSO_HOST_NEEDS(read_file);
    dso_str content{};
    dso_error error = blank();
    check(raw_->read_file(raw_->ctx, to_c(path), &content, &error), error);
    return from_c(content);
  }
  /// Empty optional: not set, or not a variable of this kind of provider.
  std::optional<std::string_view> env(std::string_view name) const {
    DSO_HOST_NEEDS(env);
    dso_str value{};
    if (raw_->env(raw_->ctx, to_c(name), &value) != 1) return std::nullopt;
    return from_c(value);
  }
  Digest sha256(std::string_view data) const {
    DSO_HOST_NEEDS(sha256);
    Digest digest{};
    if (raw_->sha256(raw_->ctx, to_c(data), digest.data()) != DSO_OK) missing("sha256");
    return digest;
  }
  Digest hmac_sha256(std::string_view key, std::string_view data) const {
    DSO_HOST_NEEDS(hmac_sha256);
    Digest digest{};
    if (raw_->hmac_sha256(raw_->ctx, to_c(key), to_c(data), digest.data()) != DSO_OK) missing("hmac_sha256");
    return digest;
  }
  /// Raw signature bytes. `pem_key` as given by read_file.
  std::string_view sign(dso_sign_algorithm algorithm, std::string_view pem_key, std::string_view data) const {
    DSO_HOST_NEEDS(sign);
    dso_str signature{};
    dso_error error = blank();
    check(raw_->sign(raw_->ctx, algorithm, to_c(pem_key), to_c(data), &signature, &error), error);
    return from_c(signature);
  }
  /// Unix time in milliseconds.
  std::int64_t now_ms() const {
    DSO_HOST_NEEDS(now_ms);
    return raw_->now_ms(raw_->ctx);
  }
  void log(dso_log_level level, std::string_view text) const noexcept {
    if (DSO_HOST_HAS(log)) raw_->log(raw_->ctx, level, to_c(text));
  }
  /// In the destructor: may what came with this lease be given back? An older host cannot tell, and then it may not.
  bool lease_in_use(std::string_view lease_id) const noexcept {
    return !DSO_HOST_HAS(lease_in_use) || raw_->lease_in_use(raw_->ctx, to_c(lease_id)) != 0;
  }
  /// What a program that the operator's files name has printed; see provider.h.
  std::string_view credential_process(std::string_view command_line) const {
    DSO_HOST_NEEDS(credential_process);
    dso_str output{};
    dso_error error = blank();
    check(raw_->credential_process(raw_->ctx, to_c(command_line), &output, &error), error);
    return from_c(output);
  }
  /// True: return soon.
  bool cancelled() const noexcept {
    return DSO_HOST_HAS(cancelled) && raw_->cancelled(raw_->ctx) != 0;
  }

  void emit_field(dso_request* r, std::size_t ref, std::string_view field, std::string_view bytes) const {
    DSO_HOST_NEEDS(emit_field);
    raw_->emit_field(raw_->ctx, r, ref, to_c(field), to_c(bytes));
  }
  void emit_version(dso_request* r, std::size_t ref, std::string_view version) const {
    DSO_HOST_NEEDS(emit_version);
    raw_->emit_version(raw_->ctx, r, ref, to_c(version));
  }
  void emit_lease(dso_request* r, std::size_t ref, std::string_view id, std::int64_t seconds, bool renewable) const {
    DSO_HOST_NEEDS(emit_lease);
    raw_->emit_lease(raw_->ctx, r, ref, to_c(id), seconds, renewable ? 1 : 0);
  }
  void emit_error(dso_request* r, std::size_t ref, const dso_error& error) const {
    DSO_HOST_NEEDS(emit_error);
    raw_->emit_error(raw_->ctx, r, ref, &error);
  }
  void emit_name(dso_request* r, std::string_view name) const {
    DSO_HOST_NEEDS(emit_name);
    raw_->emit_name(raw_->ctx, r, to_c(name));
  }
  /// Nothing on an older host: it is only for people.
  void emit_identity(dso_request* r, std::string_view identity) const noexcept {
    if (DSO_HOST_HAS(emit_identity)) raw_->emit_identity(raw_->ctx, r, to_c(identity));
  }
  void emit_event_source(dso_request* r, const HttpRequest& source) const {
    DSO_HOST_NEEDS(emit_event_source);
    const dso_http_request raw = {.struct_size = sizeof(dso_http_request),
                                  .method = to_c(source.method),
                                  .url = to_c(source.url),
                                  .headers = source.headers.data(),
                                  .header_count = source.headers.size(),
                                  .body = {},
                                  .timeout_ms = 0,
                                  .max_body_bytes = 0};
    raw_->emit_event_source(raw_->ctx, r, &raw);
  }
#undef DSO_HOST_NEEDS
#undef DSO_HOST_HAS

 private:
  friend class HttpAnswer;
  [[noreturn]] static void missing(const char* function) {
    throw Failure(DSO_E_UNSUPPORTED, std::string("the host does not offer '") + function + "'", "Update DSO.");
  }
  static dso_error blank() {
    dso_error error{};
    error.struct_size = sizeof error;
    error.retry_after_ms = -1;
    return error;
  }
  static void check(std::int32_t result, const dso_error& e) {
    if (result == DSO_OK) return;
    const bool known = result > DSO_OK && result <= DSO_E_UNSUPPORTED;
    Failure f(known ? static_cast<dso_class>(result) : DSO_E_UNAVAILABLE, std::string(from_c(e.message)),
              std::string(from_c(e.next_step)));
    f.store_code = from_c(e.store_code);
    f.request_id = from_c(e.request_id);
    f.identity = from_c(e.identity);
    f.retry_after_ms = e.retry_after_ms;
    throw f;
  }

  const dso_host* raw_;
};

/// One wanted secret; borrowed.
struct Ref {
  std::size_t index = 0;
  std::string_view name;
  std::string_view version;  ///< Empty: the current one.
};

/// The references of one call.
class Refs {
 public:
  Refs(const dso_ref* refs, std::size_t count) : refs_(refs), count_(count) {}
  std::size_t size() const { return count_; }
  Ref operator[](std::size_t i) const { return {i, from_c(refs_[i].name), from_c(refs_[i].version)}; }

 private:
  const dso_ref* refs_;
  std::size_t count_;
};

class Answer;

/// The answer to one reference; everything emitted is copied by the host at once.
class Item {
 public:
  void field(std::string_view name, std::string_view bytes);
  void version(std::string_view version);
  /// seconds: how long it is valid.
  void lease(std::string_view id, std::int64_t seconds, bool renewable);

 private:
  friend class Answer;
  Item(Answer& answer, std::size_t index) : answer_(answer), index_(index) {}
  Answer& answer_;
  std::size_t index_;
};

/// The answer to one call.
class Answer {
 public:
  Answer(Host host, dso_request* request, std::size_t refs) : host_(host), request_(request), answered_(refs, false) {}

  /// The usual shape of fetch and versions: `f(const Ref&, Item&)` for each reference; what it throws is that reference's
  /// error and the others go on.
  template <class F>
  void each(Refs refs, F&& f) {
    for (std::size_t i = 0; i < refs.size(); ++i) one(refs[i], f);
  }
  template <class F>
  void one(const Ref& ref, F&& f) {
    if (host_.cancelled()) return error(ref.index, Failure(DSO_E_TIMEOUT, "the host asked the provider to stop"));
    dso_error e{};
    Item item(*this, ref.index);
    if (detail::guard(&e, [&] { f(ref, item); }) == DSO_OK) return;
    raw_error(ref.index, e);
  }

  Item item(std::size_t index) { return Item(*this, index); }
  void error(std::size_t index, const Failure& failure) {
    dso_error e{};
    detail::fill(&e, failure.cls, failure.message, &failure);
    raw_error(index, e);
  }
  void name(std::string_view name) { host_.emit_name(request_, name); }  ///< For list.
  /// For events: url (wss or ws) and headers of the websocket.
  void event_source(const HttpRequest& source) { host_.emit_event_source(request_, source); }
  /// Who we are to the store, for people.
  void identity(std::string_view identity) { host_.emit_identity(request_, identity); }

  /// After the provider's function: a reference it forgot gets an error, the host never waits for it.
  void finish() {
    for (std::size_t i = 0; i < answered_.size(); ++i)
      if (!answered_[i])
        error(i, Failure(DSO_E_MALFORMED, "the provider gave no answer for this secret: a mistake in the provider"));
  }

 private:
  friend class Item;
  void raw_error(std::size_t index, const dso_error& e) {
    mark(index);
    host_.emit_error(request_, index, e);
  }
  void mark(std::size_t index) {
    if (index < answered_.size()) answered_[index] = true;
  }

  Host host_;
  dso_request* request_;
  std::vector<bool> answered_;
};

inline void Item::field(std::string_view name, std::string_view bytes) {
  answer_.mark(index_);
  answer_.host_.emit_field(answer_.request_, index_, name, bytes);
}
inline void Item::version(std::string_view version) {
  answer_.mark(index_);
  answer_.host_.emit_version(answer_.request_, index_, version);
}
inline void Item::lease(std::string_view id, std::int64_t seconds, bool renewable) {
  answer_.mark(index_);
  answer_.host_.emit_lease(answer_.request_, index_, id, seconds, renewable);
}

/// One configured use of a provider. A derived class has `static constexpr const char* kName, *kVersion`, may have
/// kConfigSchema (JSON Schema of its settings) and kNetwork (bool), and a constructor (Host, std::string_view config); the
/// config (JSON, see provider.h) is borrowed until the constructor returns, and the store must not be asked in there. What
/// it overrides, publicly, is what it is able to do.
class Provider {
 public:
  virtual ~Provider() = default;
  Provider(const Provider&) = delete;
  Provider& operator=(const Provider&) = delete;

  virtual void fetch(Refs refs, Answer& answer) = 0;
  /// Versions without values, where that is cheaper than fetch.
  virtual void versions(Refs, Answer&) { throw Failure(DSO_E_UNSUPPORTED, "this store has no versions"); }
  virtual void list(Answer&) { throw Failure(DSO_E_UNSUPPORTED, "this provider cannot list"); }
  /// Answers as reference 0, with a lease.
  virtual void renew(std::string_view, Answer&) { throw Failure(DSO_E_UNSUPPORTED, "this provider has no leases"); }
  /// Answers with event_source.
  virtual void events(Answer&) { throw Failure(DSO_E_UNSUPPORTED, "this store tells no events"); }

 protected:
  explicit Provider(Host host) : host_(host) {}
  const Host& host() const { return host_; }

 private:
  Host host_;
};

}  // namespace dso::sdk

#include "dso/provider_entries.hpp"
#include "dso/provider_http_all.hpp"
