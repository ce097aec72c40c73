/* A provider that does everything an honest one does, steered by the secret's name. With a macro it is the same provider
   with one mistake, made before or while it is opened. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "plugin.h"

#ifndef NAME
#define NAME KIND
#endif
#ifndef SEMVER
#define SEMVER "1.2.3"
#endif
#ifndef ABI
#define ABI DSO_ABI_VERSION
#endif
#ifndef TABLE_SIZE
#define TABLE_SIZE sizeof(dso_provider_api)
#endif
#ifndef CAPABILITIES
#define CAPABILITIES (DSO_CAP_VERSIONS | DSO_CAP_LIST | DSO_CAP_LEASES | DSO_CAP_EVENTS)
#endif

static const dso_host* host;
static char config_text[4096];
static int calls;

#ifdef CRASH_IN_CONSTRUCTOR
__attribute__((constructor)) static void at_load(void) {
  abort();
}
#endif

static int32_t open_(const dso_host* h, dso_str config, dso_instance** instance, dso_error* error) {
#ifdef CRASH_IN_OPEN
  abort();
#endif
  host = h;
  if (config.size >= sizeof config_text) return fail(error, DSO_E_INVALID_REQUEST, "config too long");
  memcpy(config_text, config.data, config.size);
  if (strstr(config_text, "\"refuse\"")) return fail(error, DSO_E_INVALID_REQUEST, "the setting 'refuse' is set");
  *instance = (dso_instance*)&calls;
  return DSO_OK;
}

static void emit(dso_request* r, size_t i, const char* field, dso_str bytes) {
  host->emit_field(host->ctx, r, i, str(field), bytes);
}

static void emit_failure(dso_request* r, size_t i, dso_error e) {
  host->emit_error(host->ctx, r, i, &e);
}

static void http(dso_request* r, size_t i, dso_str url) {
  dso_header header = {str("x-token"), str("t0ken")};
  const char* blank = url.size > 5 && memcmp(url.data, "host=", 5) == 0 ? memchr(url.data, ' ', url.size) : NULL;
  if (blank) { /* "host=other:1 URL": for whom it says the request is */
    header = (dso_header){str("hOst"), {url.data + 5, (size_t)(blank - url.data) - 5}};
    url = (dso_str){blank + 1, url.size - (size_t)(blank + 1 - url.data)};
  }
  dso_http_request request = {.struct_size = sizeof request,
                              .method = str("POST"),
                              .url = url,
                              .headers = &header,
                              .header_count = 1,
                              .body = str("ask")};
  dso_http_response response = {.struct_size = sizeof response};
  dso_error e = {.struct_size = sizeof e};
  if (host->http(host->ctx, &request, &response, &e) != DSO_OK) {
    emit_failure(r, i, e);
    return;
  }
  char status[16];
  snprintf(status, sizeof status, "%d", response.status);
  emit(r, i, "status", str(status));
  emit(r, i, "body", response.body);
  if (response.header_count) emit(r, i, "header", response.headers[0].value);
}

/* Who gets the answers of http_all: a field each, and one for whether the host may be asked meanwhile. */
struct receiver {
  dso_request* request;
  size_t ref;
};

static void answered(void* user, size_t i, int32_t result, const dso_http_response* response, const dso_error* error) {
  const struct receiver* to = user;
  char field[32];
  snprintf(field, sizeof field, "answer%zu", i);
  emit(to->request, to->ref, field, result == DSO_OK ? response->body : error->message);
  if (i == 0) {
    dso_str content;
    dso_error e = {.struct_size = sizeof e};
    emit(to->request, to->ref, "meanwhile",
         host->read_file(host->ctx, str("/x"), &content, &e) == DSO_OK ? str("read") : e.message);
  }
}

/* "N URL": to URL/0, URL/1 and so on, and with the last one to a place that is not allowed. */
static void http_all(dso_request* r, size_t ref, dso_str what) {
  enum { MOST = 1001 };
  static char urls[MOST][128];
  static dso_http_request requests[MOST];
  static const dso_http_request* pointers[MOST];
  const size_t n = (size_t)atoi(what.data);
  const char* base = memchr(what.data, ' ', what.size);
  base = base ? base + 1 : what.data;
  const int length = (int)(what.data + what.size - base);
  for (size_t i = 0; i < n && i < MOST; i++) {
    snprintf(urls[i], sizeof urls[i], i + 1 < n ? "%.*s/%zu" : "https://elsewhere/", length, base, i);
    requests[i] = (dso_http_request){.struct_size = sizeof requests[i], .method = str("GET"), .url = str(urls[i])};
    pointers[i] = &requests[i];
  }
  struct receiver to = {r, ref};
  if (host->http_all(host->ctx, pointers, n, answered, &to) != DSO_OK) emit(r, ref, "refused", str("yes"));
}

static void fetch_one(dso_request* r, size_t i, dso_ref ref) {
  dso_error e = {.struct_size = sizeof e, .retry_after_ms = -1};
  if (begins(ref.name, "http ")) {
    http(r, i, after(ref.name, "http "));
  } else if (begins(ref.name, "all ")) {
    http_all(r, i, after(ref.name, "all "));
  } else if (begins(ref.name, "file ")) {
    dso_str content;
    if (host->read_file(host->ctx, after(ref.name, "file "), &content, &e) != DSO_OK)
      emit_failure(r, i, e);
    else
      emit(r, i, "value", content);
  } else if (is(ref.name, "memory")) {
    char* const mine = host->secret_alloc(host->ctx, 100);
    memset(mine, 'm', 100);
    emit(r, i, "value", (dso_str){mine, 100});
    emit(r, i, "aligned", str((uintptr_t)mine % 16 ? "no" : "yes"));
    host->secret_free(host->ctx, mine, 100);
    emit(r, i, "too much", str(host->secret_alloc(host->ctx, (size_t)1 << 50) ? "given" : "refused"));
  } else if (begins(ref.name, "env ")) {
    dso_str value = {0, 0};
    const int found = host->env(host->ctx, after(ref.name, "env "), &value);
    emit(r, i, "found", str(found ? "yes" : "no"));
    emit(r, i, "value", value);
  } else if (begins(ref.name, "hash ")) {
    uint8_t digest[32];
    host->sha256(host->ctx, after(ref.name, "hash "), digest);
    emit(r, i, "sha256", (dso_str){(const char*)digest, 32});
    host->hmac_sha256(host->ctx, str("key"), after(ref.name, "hash "), digest);
    emit(r, i, "hmac", (dso_str){(const char*)digest, 32});
  } else if (begins(ref.name, "run ")) {
    dso_str output, text;
    host->read_file(host->ctx, str("~/profile"), &text, &e);
    if (host->credential_process(host->ctx, after(ref.name, "run "), &output, &e) != DSO_OK)
      emit_failure(r, i, e);
    else
      emit(r, i, "value", output);
  } else if (is(ref.name, "environ")) {
    extern char** environ;
    emit(r, i, "value", str(environ && environ[0] ? environ[0] : "empty"));
  } else if (is(ref.name, "config")) {
    emit(r, i, "value", str(config_text));
  } else if (is(ref.name, "missing")) {
    e.cls = DSO_E_NOT_FOUND;
    e.message = str("no such secret");
    e.store_code = str("404");
    e.request_id = str("req-7");
    e.identity = str("tester");
    e.next_step = str("Create it.");
    emit_failure(r, i, e);
  } else if (is(ref.name, "unknown-class")) {
    e.cls = 4711;
    e.message = str("odd");
    emit_failure(r, i, e);
  } else if (is(ref.name, "third-time")) { /* transient twice, then there */
    static int tries;
    if (++tries % 3) {
      e.cls = DSO_E_UNAVAILABLE;
      e.message = str("not now");
      e.retry_after_ms = 1;
      emit_failure(r, i, e);
    } else
      emit(r, i, "value", str("at last"));
  } else if (is(ref.name, "throttled")) {
    e.cls = DSO_E_THROTTLED;
    e.message = str("slow down");
    e.retry_after_ms = 3600 * 1000;
    emit_failure(r, i, e);
  } else if (is(ref.name, "binary")) {
    emit(r, i, "value", (dso_str){"a\0b\xff", 4});
  } else if (is(ref.name, "until-cancelled")) {
    host->log(host->ctx, DSO_LOG_INFO, str("waiting for cancel"));
    while (!host->cancelled(host->ctx)) {
    }
    e.cls = DSO_E_TIMEOUT;
    e.message = str("cancelled");
    emit_failure(r, i, e);
  } else if (is(ref.name, "log")) {
    host->log(host->ctx, DSO_LOG_WARN, str("two\nlines \033[31mred"));
    emit(r, i, "value", str("logged"));
  } else {
    emit(r, i, "user", str("app"));
    emit(r, i, "password", ref.name);
  }
}

static int32_t fetch(dso_instance* self, const dso_ref* refs, size_t count, dso_request* r, dso_error* error) {
  (void)self;
  calls++;
  if (count && is(refs[0].name, "whole-call")) {
    error->store_code = str("503");
    return fail(error, DSO_E_ACCESS_DENIED, "sealed");
  }
  for (size_t i = 0; i < count; i++) {
    host->emit_version(host->ctx, r, i, refs[i].version.size ? refs[i].version : str("v1"));
    fetch_one(r, i, refs[i]);
  }
  host->emit_lease(host->ctx, r, 0, str("lease-1"), 60, 1);
  host->emit_identity(host->ctx, r, str("tester"));
  return DSO_OK;
}

static int32_t versions(dso_instance* self, const dso_ref* refs, size_t count, dso_request* r, dso_error* error) {
  (void)self, (void)error, (void)refs;
  for (size_t i = 0; i < count; i++) host->emit_version(host->ctx, r, i, str("v1"));
  return DSO_OK;
}

static int32_t list(dso_instance* self, dso_request* r, dso_error* error) {
  (void)self, (void)error;
  host->emit_name(host->ctx, r, str("a"));
  host->emit_name(host->ctx, r, str("b"));
  return DSO_OK;
}

static int32_t renew(dso_instance* self, dso_str lease, dso_request* r, dso_error* error) {
  (void)self, (void)error;
  host->emit_lease(host->ctx, r, 0, lease, 120, 1);
  return DSO_OK;
}

/* Gives back what it was lent, as the setting at_close says: once, for ever, or not at all. */
static void close_(dso_instance* self) {
  (void)self;
  if (strstr(config_text, "\"at_close\":\"hang\""))
    for (;;) pause();
  const int endless = strstr(config_text, "\"at_close\":\"endless\"") != 0;
  if (!endless && !strstr(config_text, "\"at_close\":\"http\"")) return;
  dso_http_request request = {.struct_size = sizeof request, .method = str("POST"), .url = str("https://store:8200/give-back")};
  dso_http_response response = {.struct_size = sizeof response};
  dso_error e = {.struct_size = sizeof e};
  do host->http(host->ctx, &request, &response, &e);
  while (endless);
  host->log(host->ctx, DSO_LOG_INFO, host->lease_in_use(host->ctx, str("lease-1")) ? str("in use") : str("not in use"));
}

static int32_t events(dso_instance* self, dso_request* r, dso_error* error) {
  (void)self, (void)error;
  dso_header header = {str("x-token"), str("t0ken")};
  dso_http_request source = {
      .struct_size = sizeof source, .url = str("wss://store:8200/events"), .headers = &header, .header_count = 1};
  host->emit_event_source(host->ctx, r, &source);
  return DSO_OK;
}

const dso_provider_api* dso_provider_get_api(uint32_t host_abi) {
  static const dso_provider_api api = {.struct_size = TABLE_SIZE,
                                       .abi = ABI,
                                       .capabilities = CAPABILITIES,
                                       .name = NAME,
                                       .semver = SEMVER,
                                       .open = open_,
#ifndef NO_FETCH
                                       .fetch = fetch,
#endif
                                       .versions = versions,
                                       .list = list,
                                       .renew = renew,
                                       .close = close_,
                                       .events = events};
  (void)host_abi, (void)fetch;
#ifdef NULL_API
  return 0;
#endif
  return &api;
}

#ifdef EXTRA_SYMBOL /* as a library without a version script has them */
int explicit_bzero_calls(void);
int explicit_bzero_calls(void) {
  return 0;
}
#endif
