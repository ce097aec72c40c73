/* Tries what a guest must not do, in its constructor and in fetch, and tells what came of it. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "plugin.h"

static const dso_host* host;
static char early[256];

static const char* outcome(long result) {
  return result >= 0 ? "done" : errno == EPERM || errno == EACCES ? "refused" : strerror(errno);
}

static long reads(const char* path) {
  const int fd = open(path, O_RDONLY);
  if (fd >= 0) close(fd);
  return fd;
}
static long writes(const char* path) {
  const int fd = open(path, O_WRONLY | O_CREAT, 0600);
  if (fd >= 0) close(fd), unlink(path);
  return fd;
}
static long asks_the_engine(void) {
  struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "/var/run/docker.sock"};
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  return fd < 0 ? fd : connect(fd, (struct sockaddr*)&a, sizeof a);
}
static long forks(void) {
  const pid_t pid = fork();
  if (pid == 0) _exit(0);
  return pid;
}
static void* nothing(void* p) {
  return p;
}
static long starts_a_thread(void) {
  pthread_t t;
  const int failed = pthread_create(&t, 0, nothing, 0);
  if (failed) return errno = failed, -1;
  return pthread_join(t, 0);
}
static void* waits(void* p) {
  for (;;) pause();
  return p;
}
static void* computes(void* p) {
  for (volatile unsigned long n = 0;; n++) (void)n;
  return p;
}
static int starts_threads(int count, void* (*what)(void*)) {
  int n = 0;
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 64 * 1024);
  for (pthread_t t; n < count && !pthread_create(&t, &small, what, 0);) n++;
  return n;
}
static long more_memory(void) {
  const struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
  return setrlimit(RLIMIT_AS, &all);
}
static long runs(void) {
  char* argv[] = {"true", 0};
  return execv("/bin/true", argv);
}
static long waits_in_the_dark(void) {
  return ptrace(PTRACE_ATTACH, getppid(), 0, 0);
}

__attribute__((constructor)) static void before_everything(void) {
  snprintf(early, sizeof early, "read=%s socket=%s", outcome(reads("/etc/shadow")), outcome(socket(AF_INET, SOCK_STREAM, 0)));
}

static int32_t open_(const dso_host* h, dso_str config, dso_instance** instance, dso_error* error) {
  (void)config, (void)error;
  host = h;
  *instance = (dso_instance*)&host;
  return DSO_OK;
}

static int32_t fetch(dso_instance* self, const dso_ref* refs, size_t count, dso_request* r, dso_error* error) {
  (void)self, (void)count, (void)error;
  char number[32];
  snprintf(number, sizeof number, "%d", (int)getpid());
  host->emit_field(host->ctx, r, 0, str("pid"), str(number));
  const int threads = is(refs[0].name, "twenty threads") ? 20 : is(refs[0].name, "threads") ? 6000 : 0;
  snprintf(number, sizeof number, "%d", starts_threads(threads, waits));
  host->emit_field(host->ctx, r, 0, str("threads"), str(number));
  if (is(refs[0].name, "computes")) starts_threads(1, computes);
  if (!is(refs[0].name, "x")) return DSO_OK;
#define TRY(name, what) host->emit_field(host->ctx, r, 0, str(name), str(outcome(what)))
  host->emit_field(host->ctx, r, 0, str("constructor"), str(early));
  TRY("shadow", reads("/etc/shadow"));
  TRY("passwd", reads("/etc/passwd")); /* readable by everybody: what keeps it closed is not its mode */
  TRY("home", reads("/root"));
  TRY("agent-memory", reads("/proc/1/environ"));
  TRY("write", writes("/tmp/dso-prisoner"));
  TRY("tcp", socket(AF_INET, SOCK_STREAM, 0));
  TRY("engine", asks_the_engine());
  TRY("netlink", socket(AF_NETLINK, SOCK_RAW, 0));
  TRY("fork", forks());
  TRY("exec", runs());
  TRY("ptrace", waits_in_the_dark());
  TRY("kill", kill(getppid(), 0));
  TRY("namespace", unshare(CLONE_NEWUSER));
  TRY("mount", mount("none", "/mnt", "tmpfs", 0, ""));
  TRY("memory-limit", more_memory());
  TRY("bpf", syscall(SYS_bpf, 0, 0, 0));
  TRY("io_uring", syscall(SYS_io_uring_setup, 1, 0));
  TRY("root", setuid(0));
  TRY("thread", starts_a_thread());
  snprintf(number, sizeof number, "%u", getuid());
  host->emit_field(host->ctx, r, 0, str("uid"), str(number));
  return DSO_OK;
}

static void close_(dso_instance* self) {
  (void)self;
}

const dso_provider_api* dso_provider_get_api(uint32_t host_abi) {
  static const dso_provider_api api = {.struct_size = sizeof api,
                                       .abi = DSO_ABI_VERSION,
                                       .capabilities = CAPABILITIES,
                                       .name = KIND,
                                       .semver = "0.0.1",
                                       .open = open_,
                                       .fetch = fetch,
                                       .close = close_};
  (void)host_abi;
  return &api;
}
