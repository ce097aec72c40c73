/* Small helpers for test plugins in C. */
#ifndef PLUGIN_H
#define PLUGIN_H
#include <string.h>

#include "dso/provider.h"

static inline dso_str str(const char* text) {
  dso_str s = {text, strlen(text)};
  return s;
}
static inline int is(dso_str s, const char* text) {
  return s.size == strlen(text) && memcmp(s.data, text, s.size) == 0;
}
static inline int begins(dso_str s, const char* text) {
  return s.size >= strlen(text) && memcmp(s.data, text, strlen(text)) == 0;
}
static inline dso_str after(dso_str s, const char* prefix) {
  dso_str rest = {s.data + strlen(prefix), s.size - strlen(prefix)};
  return rest;
}
static inline int32_t fail(dso_error* e, int32_t cls, const char* message) {
  e->cls = cls;
  e->message = str(message);
  return cls;
}
#endif
