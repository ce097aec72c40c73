// A host table for provider tests: scripted HTTP, files, variables and a clock in the test's hand; what the provider emits and
// asks is recorded. Lent memory is freed at the next call of the same function, so that ASan sees a borrow kept too long.
#pragma once
#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dso/provider.h"

namespace fake {

inline std::string text(const dso_str& s) {
  return s.data ? std::string(s.data, s.size) : std::string();
}
inline dso_str str(std::string_view s) {
  return {s.data(), s.size()};
}

struct Failed {
  int cls = 0;
  std::string message, store_code, request_id, identity, next_step;
  std::int64_t retry_after_ms = -1;
};
inline Failed copy(const dso_error& e) {
  return {e.cls, text(e.message), text(e.store_code), text(e.request_id), text(e.identity), text(e.next_step), e.retry_after_ms};
}

struct Lease {
  std::string id;
  std::int64_t seconds = 0;
  bool renewable = false;
};
/// What one call answered.
struct Emitted {
  int result = DSO_OK;
  Failed failed;  ///< When result is not DSO_OK.
  std::map<std::size_t, std::vector<std::pair<std::string, std::string>>> fields;
  std::map<std::size_t, std::string> versions;
  std::map<std::size_t, Failed> errors;
  std::map<std::size_t, Lease> leases;
  std::vector<std::string> names;
  std::string identity;
  std::string event_url;
  std::map<std::string, std::string> event_headers;

  std::string field(std::size_t ref, std::string_view name) const {
    if (const auto f = fields.find(ref); f != fields.end())
      for (const auto& [key, value] : f->second)
        if (key == name) return value;
    return "(no such field)";
  }
  int cls(std::size_t ref) const {
    if (result != DSO_OK) return result;
    const auto e = errors.find(ref);
    return e == errors.end() ? DSO_OK : e->second.cls;
  }
  Failed error(std::size_t ref) const {
    if (result != DSO_OK) return failed;
    const auto e = errors.find(ref);
    return e == errors.end() ? Failed{} : e->second;
  }
};

struct Request {
  std::string method, url, body;
  std::map<std::string, std::string> headers;
};
struct Response {
  int status = 200;
  std::string body = {};
  std::map<std::string, std::string> headers = {};  ///< Names in lower case.
  int failure = DSO_OK;                             ///< Else: no answer, this class.
};

class Host {
 public:
  std::function<Response(const Request&)> on_http;
  std::map<std::string, std::string> files, variables;
  std::int64_t now_ms = 1'700'000'000'000;
  bool cancelled = false;
  std::set<std::string> leases_in_use;
  std::optional<std::string> printed;  ///< By any credential_process; none: not allowed.
  std::vector<std::string> programs;   ///< Command lines that were asked for.
  std::vector<Request> requests;
  std::vector<std::string> log;
  int together = 0;  ///< Calls of http_all.
  /// Of secret_alloc and not given back, with their sizes. Not this object's: a provider's statics may outlive it.
  static std::map<void*, std::size_t>& lent_memory() {
    static auto* const all = new std::map<void*, std::size_t>;
    return *all;
  }

  Host() {
    table_ = {.struct_size = sizeof(dso_host),
              .abi = DSO_ABI_VERSION,
              .ctx = this,
              .http = http,
              .read_file = read_file,
              .env = env,
              .sha256 = digest1,
              .hmac_sha256 = digest2,
              .sign = sign,
              .now_ms = now,
              .log = write_log,
              .cancelled = is_cancelled,
              .emit_field = emit_field,
              .emit_version = emit_version,
              .emit_lease = emit_lease,
              .emit_error = emit_error,
              .emit_name = emit_name,
              .emit_identity = emit_identity,
              .http_all = http_all,
              .lease_in_use = lease_in_use,
              .credential_process = credential_process,
              .emit_event_source = emit_event_source,
              .secret_alloc = secret_alloc,
              .secret_free = secret_free};
  }
  Host(const Host&) = delete;
  dso_host& table() { return table_; }

 private:
  static Host& self(void* ctx) { return *static_cast<Host*>(ctx); }
  static Emitted& sink(dso_request* r) { return *reinterpret_cast<Emitted*>(r); }
  static int32_t refuse(dso_error* error, int cls, std::string_view message) {
    *error = {.struct_size = sizeof *error,
              .cls = cls,
              .message = str(message),
              .store_code = {},
              .request_id = {},
              .identity = {},
              .next_step = {},
              .retry_after_ms = -1};
    return cls;
  }
  static int32_t http(void* ctx, const dso_http_request* request, dso_http_response* response, dso_error* error) {
    Host& h = self(ctx);
    Request r{text(request->method), text(request->url), text(request->body), {}};
    for (std::size_t i = 0; i < request->header_count; ++i)
      r.headers[text(request->headers[i].name)] = text(request->headers[i].value);
    h.requests.push_back(r);
    if (!h.on_http) return refuse(error, DSO_E_NETWORK, "connection refused");
    h.response_ = std::make_unique<Response>(h.on_http(r));
    if (h.response_->failure != DSO_OK) return refuse(error, h.response_->failure, "as the test wants");
    h.headers_ = std::make_unique<std::vector<dso_header>>();
    for (const auto& [name, value] : h.response_->headers) h.headers_->push_back({str(name), str(value)});
    *response = {.struct_size = sizeof *response,
                 .status = h.response_->status,
                 .headers = h.headers_->data(),
                 .header_count = h.headers_->size(),
                 .body = str(h.response_->body)};
    return DSO_OK;
  }
  static int32_t http_all(void* ctx, const dso_http_request* const* requests, size_t count, dso_http_answered answered,
                          void* user) {
    ++self(ctx).together;
    for (size_t i = 0; i < count; ++i) {
      dso_http_response response{};
      dso_error error{};
      const int32_t result = http(ctx, requests[i], &response, &error);
      answered(user, i, result, &response, &error);
    }
    return DSO_OK;
  }
  static int32_t read_file(void* ctx, dso_str path, dso_str* content, dso_error* error) {
    const auto f = self(ctx).files.find(text(path));
    if (f == self(ctx).files.end()) return refuse(error, DSO_E_CREDENTIALS_UNAVAILABLE, "No such file or directory");
    self(ctx).file_ = std::make_unique<std::string>(f->second);
    *content = str(*self(ctx).file_);
    return DSO_OK;
  }
  static int32_t env(void* ctx, dso_str name, dso_str* value) {
    const auto v = self(ctx).variables.find(text(name));
    if (v == self(ctx).variables.end()) return 0;
    self(ctx).variable_ = std::make_unique<std::string>(v->second);
    *value = str(*self(ctx).variable_);
    return 1;
  }
  static int32_t digest1(void*, dso_str data, uint8_t digest[32]) {
    std::memset(digest, static_cast<int>(data.size), 32);
    return DSO_OK;
  }
  static int32_t digest2(void*, dso_str key, dso_str, uint8_t digest[32]) {
    std::memset(digest, static_cast<int>(key.size), 32);
    return DSO_OK;
  }
  static int32_t sign(void*, int32_t, dso_str, dso_str, dso_str*, dso_error* error) {
    return refuse(error, DSO_E_INVALID_REQUEST, "no key");
  }
  static int64_t now(void* ctx) { return self(ctx).now_ms; }
  static void write_log(void* ctx, int32_t, dso_str line) { self(ctx).log.push_back(text(line)); }
  static int32_t is_cancelled(void* ctx) { return self(ctx).cancelled ? 1 : 0; }
  static void emit_field(void*, dso_request* r, size_t ref, dso_str field, dso_str bytes) {
    sink(r).fields[ref].emplace_back(text(field), text(bytes));
  }
  static void emit_version(void*, dso_request* r, size_t ref, dso_str version) { sink(r).versions[ref] = text(version); }
  static void emit_lease(void*, dso_request* r, size_t ref, dso_str id, int64_t seconds, int32_t renewable) {
    sink(r).leases[ref] = {text(id), seconds, renewable != 0};
  }
  static void emit_error(void*, dso_request* r, size_t ref, const dso_error* e) { sink(r).errors[ref] = copy(*e); }
  static void emit_name(void*, dso_request* r, dso_str name) { sink(r).names.push_back(text(name)); }
  static void emit_identity(void*, dso_request* r, dso_str identity) { sink(r).identity = text(identity); }

  static int32_t lease_in_use(void* ctx, dso_str lease) { return self(ctx).leases_in_use.contains(text(lease)) ? 1 : 0; }
  static int32_t credential_process(void* ctx, dso_str command, dso_str* output, dso_error* error) {
    Host& h = self(ctx);
    h.programs.push_back(text(command));
    if (!h.printed) return refuse(error, DSO_E_ACCESS_DENIED, "not allowed");
    h.output_ = std::make_unique<std::string>(*h.printed);
    *output = str(*h.output_);
    return DSO_OK;
  }
  static void* secret_alloc(void*, size_t size) {
    void* const p = ::operator new(size);
    lent_memory()[p] = size;
    return p;
  }
  static void secret_free(void*, void* memory, size_t size) {
    const auto found = lent_memory().find(memory);
    if (found == lent_memory().end() || found->second != size) throw std::logic_error("given back what was not lent so");
    lent_memory().erase(found);
    std::fill_n(static_cast<volatile char*>(memory), size, '\0');  // the host's to do, as the real one does
    ::operator delete(memory);
  }
  static void emit_event_source(void*, dso_request* r, const dso_http_request* source) {
    sink(r).event_url = text(source->url);
    for (std::size_t i = 0; i < source->header_count; ++i)
      sink(r).event_headers[text(source->headers[i].name)] = text(source->headers[i].value);
  }

  dso_host table_{};
  std::unique_ptr<Response> response_;
  std::unique_ptr<std::vector<dso_header>> headers_;
  std::unique_ptr<std::string> file_, variable_, output_;
};

/// An open instance of the provider `api`, asked as the host process does.
class Instance {
 public:
  Instance(const dso_provider_api& api, Host& host, const std::string& config) : api_(api) {
    // a copy that ends with open: the config is borrowed no longer
    auto borrowed = std::make_unique<std::string>(config);
    dso_error e{};
    opened.result = api.open(&host.table(), str(*borrowed), &instance_, &e);
    if (opened.result != DSO_OK) opened.failed = copy(e);
  }
  ~Instance() {
    if (instance_) api_.close(instance_);
  }
  Instance(const Instance&) = delete;

  Emitted fetch(const std::vector<std::pair<std::string, std::string>>& refs) { return ask(api_.fetch, refs); }
  Emitted fetch(const std::string& name) { return fetch({{name, ""}}); }
  Emitted versions(const std::vector<std::pair<std::string, std::string>>& refs) { return ask(api_.versions, refs); }
  Emitted versions(const std::string& name) { return versions({{name, ""}}); }
  Emitted list() {
    return call([&](dso_request* r, dso_error* e) { return api_.list(instance_, r, e); });
  }
  Emitted events() {
    return call([&](dso_request* r, dso_error* e) { return api_.events(instance_, r, e); });
  }
  Emitted renew(const std::string& lease) {
    return call([&](dso_request* r, dso_error* e) { return api_.renew(instance_, str(lease), r, e); });
  }
  Emitted opened;

 private:
  template <class F>
  Emitted ask(F f, const std::vector<std::pair<std::string, std::string>>& refs) {
    std::vector<dso_ref> raw;
    for (const auto& [name, version] : refs) raw.push_back({str(name), str(version)});
    return call([&](dso_request* r, dso_error* e) { return f(instance_, raw.data(), raw.size(), r, e); });
  }
  template <class F>
  Emitted call(F f) {
    if (!instance_) throw std::runtime_error("the instance did not open: " + opened.failed.message);
    Emitted out;
    dso_error e{};
    out.result = f(reinterpret_cast<dso_request*>(&out), &e);
    if (out.result != DSO_OK) out.failed = copy(e);
    return out;
  }

  const dso_provider_api& api_;
  dso_instance* instance_ = nullptr;
};

}  // namespace fake
