/* A provider that serves any name, and does something terrible for the names of terrible things. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plugin.h"

static const dso_host* host;

static int find_socket(void) {
  for (int fd = 3; fd < 64; fd++) {
    int type;
    socklen_t size = sizeof type;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0) return fd;
  }
  return -1;
}

static int32_t open_(const dso_host* h, dso_str config, dso_instance** instance, dso_error* error) {
  (void)error;
  host = h;
  char text[1024] = {0};
  memcpy(text, config.data, config.size < sizeof text ? config.size : sizeof text - 1);
  if (strstr(text, "no-instance")) return DSO_OK;
  *instance = (dso_instance*)&host;
  return DSO_OK;
}

static void write_everywhere(void) {
  char noise[512];
  for (size_t i = 0; i < sizeof noise; i++) noise[i] = (char)(i * 37 + 11);
  for (int fd = 0; fd < 64; fd++)
    if (write(fd, noise, sizeof noise) < 0) continue;
}

/* "ref 9": answers for a reference that nobody asked for. */
static int misbehave(dso_str name, dso_request* r) {
  static volatile int* null;
  if (is(name, "crash")) abort();
  if (is(name, "segfault")) return *null;
  if (is(name, "exit")) _exit(7);
  if (is(name, "hang"))
    for (;;) pause();
  if (is(name, "hang-deaf")) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, 0);
    for (;;) pause();
  }
  if (is(name, "flood"))
    for (;;) host->log(host->ctx, DSO_LOG_DEBUG, str("again"));
  if (is(name, "flood-raw")) { /* whole frames, faster than anybody reads: there is always another one */
    static unsigned char frames[28 * 4096];
    const unsigned char one[28] = {20, 0, 0, 0, 73, 0, 0x0A, 0xD5, 0,   0,   0,   0,   0,   0,
                                   0,  0, 8, 0, 0,  0, 'e',  'n',  'd', 'l', 'e', 's', 's', '.'};
    for (size_t i = 0; i < sizeof frames; i++) frames[i] = one[i % 28];
    const int fd = find_socket();
    for (;;)
      if (write(fd, frames, sizeof frames) < 0) abort();
  }
  if (is(name, "garbage")) write_everywhere();
  if (is(name, "half")) { /* a header that promises more than comes */
    const unsigned char half[] = {100, 0, 0, 0, 66, 0, 0x0A, 0xD5, 1, 2, 3};
    if (write(find_socket(), half, sizeof half) < 0) abort();
    _exit(0);
  }
  if (is(name, "unknown-frame")) {
    const unsigned char frame[] = {0, 0, 0, 0, 0xff, 0x0f, 0x0A, 0xD5};
    if (write(find_socket(), frame, sizeof frame) < 0) abort();
  }
  if (is(name, "loaded-again")) { /* a frame of ours at the wrong time */
    const unsigned char frame[] = {20, 0, 0, 0, 64, 0, 0x0A, 0xD5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    if (write(find_socket(), frame, sizeof frame) < 0) abort();
  }
  if (is(name, "close-socket")) {
    close(find_socket());
    for (;;) pause();
  }
  if (is(name, "too-much")) {
    static char big[1 << 20];
    for (int i = 0; i < 20; i++) host->emit_field(host->ctx, r, 0, str("x"), (dso_str){big, sizeof big});
  }
  if (is(name, "one-giant")) {
    char* big = malloc(9u << 20);
    if (!big) abort();
    memset(big, 'x', 9u << 20);
    host->emit_field(host->ctx, r, 0, str("x"), (dso_str){big, 9u << 20});
  }
  if (is(name, "two-gigabytes")) host->emit_field(host->ctx, r, 0, str("x"), (dso_str){"x", (size_t)2 << 30});
  if (is(name, "silent")) return 1;
  if (is(name, "wrong-ref")) {
    host->emit_field(host->ctx, r, 9, str("value"), str("not yours"));
    return 1;
  }
  if (is(name, "twice")) host->emit_field(host->ctx, r, 0, str("value"), str("one"));
  if (is(name, "printing")) {
    printf("noise on stdout\n");
    fprintf(stderr, "noise on stderr\n");
    fflush(stdout);
    char path[64] = "", name[32];
    for (int fd = 0; fd <= 2; fd++) {
      snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
      const ssize_t n = readlink(name, path, sizeof path - 1);
      path[n < 0 ? 0 : n] = 0;
      host->emit_field(host->ctx, r, 0, str(fd == 0 ? "in" : fd == 1 ? "out" : "err"), str(path));
    }
  }
  if (is(name, "fds")) { /* counts what it can still reach */
    char list[128] = "";
    for (int fd = 0; fd < 64; fd++)
      if (fcntl(fd, F_GETFD) >= 0) snprintf(list + strlen(list), sizeof list - strlen(list), "%d ", fd);
    host->emit_field(host->ctx, r, 0, str("fds"), str(list));
  }
  return 0;
}

static int32_t fetch(dso_instance* self, const dso_ref* refs, size_t count, dso_request* r, dso_error* error) {
  (void)self, (void)error;
  for (size_t i = 0; i < count; i++)
    if (!misbehave(refs[i].name, r)) host->emit_field(host->ctx, r, i, str("value"), str("fine"));
  return DSO_OK;
}

static void close_(dso_instance* self) {
  (void)self;
  if (getenv("never")) abort();
}

const dso_provider_api* dso_provider_get_api(uint32_t host_abi) {
  static const dso_provider_api api = {.struct_size = sizeof api,
                                       .abi = DSO_ABI_VERSION,
                                       .name = KIND,
                                       .semver = "0.0.1",
                                       .open = open_,
                                       .fetch = fetch,
                                       .close = close_};
  (void)host_abi;
  return &api;
}
