/*
 * The DSO provider ABI, version 1: everything that a drop-in provider (.so) and its host say to each other.
 *
 * A provider exports exactly one function, dso_provider_get_api, and runs in a child process of its own, without network
 * or file system: what it needs it borrows from the host table. One call runs at a time per instance, on one thread.
 *
 * Ownership: nobody frees the other side's memory. Whatever is passed in is borrowed until the call returns; what the host
 * lends as an answer (a response, a file, a variable) lives until the next call of the same host function or until the
 * provider's entry returns, whichever is first. Strings are pointer and size, not NUL-terminated, UTF-8 unless said.
 *
 * Growth: fields are appended, never moved or removed; both sides read a field only if struct_size covers it. The major
 * number must match; a NULL function means "not supported".
 *
 * No C++ exception, STL type or FILE* may cross. dso/provider.hpp wraps all this for C++.
 */
#ifndef DSO_PROVIDER_H
#define DSO_PROVIDER_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#define DSO_NOEXCEPT noexcept
#else
#define DSO_NOEXCEPT
#endif
/* Shown to the host even where everything else of the library is hidden. */
#define DSO_EXPORT __attribute__((visibility("default")))

#define DSO_ABI_MAJOR 1u
#define DSO_ABI_MINOR 0u
#define DSO_ABI_VERSION ((DSO_ABI_MAJOR << 16) | DSO_ABI_MINOR)
#define DSO_PROVIDER_SYMBOL "dso_provider_get_api"

typedef struct dso_str {
  const char* data; /* may be NULL when size is 0 */
  size_t size;
} dso_str;

/* Results of every call. 0 is success; the classes are those of docs/errors.md and never change their numbers. */
enum dso_class {
  DSO_OK = 0,
  DSO_E_ACCESS_DENIED = 1,
  DSO_E_INVALID_CREDENTIALS = 2,
  DSO_E_CREDENTIALS_UNAVAILABLE = 3,
  DSO_E_NOT_FOUND = 4,
  DSO_E_VERSION_NOT_FOUND = 5,
  DSO_E_DELETED = 6,
  DSO_E_DISABLED = 7,
  DSO_E_THROTTLED = 8,
  DSO_E_UNAVAILABLE = 9,
  DSO_E_TIMEOUT = 10,
  DSO_E_NETWORK = 11,
  DSO_E_TLS = 12,
  DSO_E_DECRYPT_FAILED = 13,
  DSO_E_CLOCK_SKEW = 14,
  DSO_E_INVALID_REQUEST = 15,
  DSO_E_LEASE_LOST = 16,
  DSO_E_MALFORMED = 17,
  DSO_E_UNSUPPORTED = 18
};

/* Never put a secret value, a body or a credential into any of these texts. Who passes a dso_error in sets struct_size first;
   who fills it writes no further than that. */
typedef struct dso_error {
  uint32_t struct_size;
  int32_t cls;            /* enum dso_class, never DSO_OK */
  dso_str message;        /* the cause in words, without the secret's name: the host adds it */
  dso_str store_code;     /* the store's own code: "403", "ResourceNotFoundException"; may be empty */
  dso_str request_id;     /* may be empty */
  dso_str identity;       /* who the provider was to the store: "approle dso"; may be empty */
  dso_str next_step;      /* what the operator does now, a sentence; may be empty */
  int64_t retry_after_ms; /* the store's hint, or -1 */
} dso_error;

typedef struct dso_ref {
  dso_str name;    /* the secret, as the store knows it */
  dso_str version; /* empty: the current one */
} dso_ref;

typedef struct dso_header {
  dso_str name;
  dso_str value;
} dso_header;

typedef struct dso_http_request {
  uint32_t struct_size;
  dso_str method;
  dso_str url; /* absolute http(s); must fall in the instance's egress list */
  const dso_header* headers;
  size_t header_count;
  dso_str body;
  int64_t timeout_ms;     /* <= 0: the instance's own */
  int64_t max_body_bytes; /* <= 0: 4 MiB; a longer answer is DSO_E_MALFORMED */
} dso_http_request;

typedef struct dso_http_response {
  uint32_t struct_size;
  int32_t status;
  const dso_header* headers; /* names in lower case */
  size_t header_count;
  dso_str body;
} dso_http_response;

/* Gets one answer of http_all: what http would have returned and filled; valid until it returns. */
typedef void (*dso_http_answered)(void* user, size_t index, int32_t result, const dso_http_response* response,
                                  const dso_error* error);

/* One call's sink, the host's. Valid until the entry that got it returns. */
typedef struct dso_request dso_request;

enum dso_log_level { DSO_LOG_DEBUG = 0, DSO_LOG_INFO = 1, DSO_LOG_WARN = 2, DSO_LOG_ERROR = 3 };
enum dso_sign_algorithm { DSO_SIGN_RS256 = 1, DSO_SIGN_PS256 = 2 };

/* What the host lends. `ctx` is passed back to every function. All functions but secret_alloc and secret_free may be
   called only inside an entry. */
typedef struct dso_host {
  uint32_t struct_size;
  uint32_t abi;
  void* ctx;

  /* Blocks until answer, deadline or cancellation. Any HTTP status is DSO_OK; *error is filled otherwise (network, tls,
     timeout, access_denied for a URL outside the egress list). Redirects are not followed. */
  int32_t (*http)(void* ctx, const dso_http_request* request, dso_http_response* response, dso_error* error);
  /* Only paths that somebody named: the value of a setting or auth parameter ending in _file, or of a variable ending in
     _FILE that `env` gave before. At most 1 MiB. */
  int32_t (*read_file)(void* ctx, dso_str path, dso_str* content, dso_error* error);
  /* 1: found, 0: not set or not allowed. Only names with the prefixes that the kind owns (VAULT_, AWS_, AZURE_, …). */
  int32_t (*env)(void* ctx, dso_str name, dso_str* value);
  int32_t (*sha256)(void* ctx, dso_str data, uint8_t digest[32]);
  int32_t (*hmac_sha256)(void* ctx, dso_str key, dso_str data, uint8_t digest[32]);
  /* `pem_key` as given by read_file; *signature is raw bytes. */
  int32_t (*sign)(void* ctx, int32_t algorithm, dso_str pem_key, dso_str data, dso_str* signature, dso_error* error);
  int64_t (*now_ms)(void* ctx); /* Unix time, corrected by nobody */
  void (*log)(void* ctx, int32_t level, dso_str text);
  int32_t (*cancelled)(void* ctx); /* 1: return soon */

  /* Answers, each copied into the host's locked memory at once. `ref` is the index into the call's refs. */
  void (*emit_field)(void* ctx, dso_request* request, size_t ref, dso_str field, dso_str bytes);
  void (*emit_version)(void* ctx, dso_request* request, size_t ref, dso_str version);
  void (*emit_lease)(void* ctx, dso_request* request, size_t ref, dso_str lease_id, int64_t seconds, int32_t renewable);
  void (*emit_error)(void* ctx, dso_request* request, size_t ref, const dso_error* error);
  void (*emit_name)(void* ctx, dso_request* request, dso_str name); /* list */
  void (*emit_identity)(void* ctx, dso_request* request, dso_str identity);

  /* As http, for up to 1000 requests of which none waits for another's answer: the host sends several at once and calls
     `answered` for each, in their order, on this thread. In there only emit_*, now_ms, log and cancelled may be called.
     Anything but DSO_OK: nothing was sent. */
  int32_t (*http_all)(void* ctx, const dso_http_request* const* requests, size_t count, dso_http_answered answered, void* user);
  /* For close: 1: a container lives on what came with this lease, so it must outlive the instance; 0: nobody uses it, give it
     back. */
  int32_t (*lease_in_use)(void* ctx, dso_str lease_id);
  /* Runs a program that the operator's own files name, and gives what it printed: at most 64 KiB, within 60 s or the call's
     deadline, whichever is first. No shell: words are split at blanks, quotes and backslashes as the AWS SDKs do. Only if the
     instance's config allows it (allow_credential_process: true); access_denied with what to set otherwise. */
  int32_t (*credential_process)(void* ctx, dso_str command_line, dso_str* output, dso_error* error);
  /* For events: where the host is to listen. Of `request` only url (wss or ws, within the egress list as https or http) and
     headers count. */
  void (*emit_event_source)(void* ctx, dso_request* request, const dso_http_request* source);

  /* Memory for tokens and values: locked, in no core dump, wiped when it is given back; aligned to 16. NULL: there is none, or
     none more that could be locked where the operator requires that. At any time, on any thread. `size` as asked for. */
  void* (*secret_alloc)(void* ctx, size_t size);
  void (*secret_free)(void* ctx, void* memory, size_t size);
} dso_host;

typedef struct dso_instance dso_instance; /* the provider's own */

enum dso_capability {
  DSO_CAP_VERSIONS = 1 << 0, /* versions() is cheaper than fetch() */
  DSO_CAP_LIST = 1 << 1,
  DSO_CAP_LEASES = 1 << 2,
  DSO_CAP_NETWORK = 1 << 3, /* brings its own network stack: runs only with `sandbox: network` */
  DSO_CAP_EVENTS = 1 << 4   /* events() names a websocket that speaks when something changes */
};

/* The provider's table: static, constant, never freed. An entry returns DSO_OK when every ref was answered by an emit
   (value or error), or a class with *error filled when the whole call failed. */
typedef struct dso_provider_api {
  uint32_t struct_size;
  uint32_t abi; /* DSO_ABI_VERSION of the header it was built with */
  uint64_t capabilities;
  const char* name;          /* "vault": [a-z][a-z0-9-]{0,31} */
  const char* semver;        /* "1.0.0" */
  const char* config_schema; /* JSON Schema of its settings, or NULL */

  /* `config` is a JSON object: {"name", "type", "settings": {…}, "auth": {"method", "params": {…}}}. Must not ask the
     store yet: a store that is down must not keep a provider from opening. `host` outlives the instance. */
  int32_t (*open)(const dso_host* host, dso_str config, dso_instance** instance, dso_error* error);
  int32_t (*fetch)(dso_instance* instance, const dso_ref* refs, size_t count, dso_request* request, dso_error* error);
  int32_t (*versions)(dso_instance* instance, const dso_ref* refs, size_t count, dso_request* request, dso_error* error);
  int32_t (*list)(dso_instance* instance, dso_request* request, dso_error* error);
  int32_t (*renew)(dso_instance* instance, dso_str lease_id, dso_request* request, dso_error* error);
  /* The last call; the host goes on answering, for two seconds at most. */
  void (*close)(dso_instance* instance);
  /* Answers with one emit_event_source. Any text message that comes from there makes the host ask for versions at once. Only
     to be sooner than the next poll: what is lost costs nothing but time. */
  int32_t (*events)(dso_instance* instance, dso_request* request, dso_error* error);
} dso_provider_api;

/* The one export. `host_abi` is the host's DSO_ABI_VERSION; NULL: this provider cannot serve such a host. */
DSO_EXPORT const dso_provider_api* dso_provider_get_api(uint32_t host_abi) DSO_NOEXCEPT;

#ifdef __cplusplus
}
#endif
#endif
