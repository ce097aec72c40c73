// The names, exit codes and the one rendering of errors.
#include "base/error.h"

#include <array>
#include <utility>

#include "base/plain_text.h"

namespace dso {
namespace {

struct ClassFacts {
  ErrorClass cls;
  std::string_view name;
  int exit_code;
};

constexpr std::array kFacts{
    ClassFacts{ErrorClass::access_denied, "AccessDenied", 3},
    ClassFacts{ErrorClass::invalid_credentials, "InvalidCredentials", 3},
    ClassFacts{ErrorClass::credentials_unavailable, "CredentialsUnavailable", 3},
    ClassFacts{ErrorClass::not_found, "NotFound", 4},
    ClassFacts{ErrorClass::version_not_found, "VersionNotFound", 4},
    ClassFacts{ErrorClass::deleted, "Deleted", 4},
    ClassFacts{ErrorClass::disabled, "Disabled", 4},
    ClassFacts{ErrorClass::throttled, "Throttled", 5},
    ClassFacts{ErrorClass::unavailable, "Unavailable", 5},
    ClassFacts{ErrorClass::timeout, "Timeout", 5},
    ClassFacts{ErrorClass::network, "Network", 5},
    ClassFacts{ErrorClass::tls, "TlsError", 5},
    ClassFacts{ErrorClass::decrypt_failed, "DecryptFailed", 1},
    ClassFacts{ErrorClass::clock_skew, "ClockSkew", 3},
    ClassFacts{ErrorClass::invalid_request, "InvalidRequest", 1},
    ClassFacts{ErrorClass::lease_lost, "LeaseLost", 5},
    ClassFacts{ErrorClass::malformed, "Malformed", 1},
    ClassFacts{ErrorClass::unsupported, "Unsupported", 1},
    ClassFacts{ErrorClass::usage, "Usage", 2},
    ClassFacts{ErrorClass::config, "Config", 2},
    ClassFacts{ErrorClass::io, "Io", 1},
    ClassFacts{ErrorClass::engine_unreachable, "EngineUnreachable", 7},
    ClassFacts{ErrorClass::engine_error, "EngineError", 1},
    ClassFacts{ErrorClass::unhealthy, "Unhealthy", 6},
    ClassFacts{ErrorClass::interrupted, "Interrupted", 130},
    ClassFacts{ErrorClass::plugin, "Plugin", 1},
    ClassFacts{ErrorClass::store_corrupt, "StoreCorrupt", 1},
    ClassFacts{ErrorClass::internal, "Internal", 1},
};

const ClassFacts& facts(ErrorClass cls) {
  for (const ClassFacts& f : kFacts)
    if (f.cls == cls) return f;
  return kFacts.back();
}

/// A store's text may hold line breaks or escape sequences: one error stays one harmless line.
void append_escaped(std::string& out, std::string_view text) {
  append_plain(out, text, "\\n");
}

bool is_store_class(ErrorClass cls) {
  return static_cast<int>(cls) < 100;
}

}  // namespace

Error make_error(ErrorClass cls, std::string what, std::string cause, std::string next) {
  Error e;
  e.cls = cls;
  e.what = std::move(what);
  e.cause = std::move(cause);
  e.next = std::move(next);
  return e;
}

std::string_view class_name(ErrorClass cls) {
  return facts(cls).name;
}

int exit_code(ErrorClass cls) {
  return facts(cls).exit_code;
}

bool is_transient(ErrorClass cls) {
  return cls == ErrorClass::throttled || cls == ErrorClass::unavailable || cls == ErrorClass::timeout ||
         cls == ErrorClass::network || cls == ErrorClass::lease_lost;
}

std::string render(const Error& e) {
  std::string out;
  append_escaped(out, e.what);
  if (is_store_class(e.cls)) {
    if (!out.empty()) out += ": ";
    out += class_name(e.cls);
  }
  if (!e.cause.empty()) {
    if (!out.empty()) out += ": ";
    append_escaped(out, e.cause);
  }
  std::string detail;
  auto add = [&detail](std::string_view label, const std::string& value) {
    if (value.empty()) return;
    if (!detail.empty()) detail += ", ";
    detail += label;
    append_escaped(detail, value);
  };
  add("", e.store_code);
  add("request ", e.request_id);
  add("as ", e.identity);
  if (!detail.empty()) out += " (" + detail + ")";
  if (!e.next.empty()) {
    if (!out.empty() && out.back() != '.' && out.back() != '?') out += '.';
    out += ' ';
    append_escaped(out, e.next);
  }
  return out;
}

}  // namespace dso
