// dso-init: the first instruction of a container with variables from DSO. Reads NAME=value\0 records from the scope's env file,
// puts them over its environment, becomes the original program (same PID, same user). Says names and reasons, never a value.
// Static, without stdio; it may not touch anything but that one file.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENV_FILE "/run/dso/env/env"
enum { kRefused = 125, kNotExecutable = 126, kNotFound = 127 };  // as Docker's own exit codes

extern char** environ;

static void say(const char* text) {
  size_t left = strlen(text);
  while (left > 0) {
    ssize_t n = write(2, text, left);
    if (n <= 0) return;
    text += n;
    left -= (size_t)n;
  }
}

static void stop(int code, const char* subject, const char* reason) {
  const char* parts[] = {"dso-init: ", subject, ": ", reason, "\n"};
  for (int i = 0; i < 5; ++i) say(parts[i]);
  _exit(code);
}

/// The whole file, NUL-terminated records; exits when it cannot be had: no start without its secrets.
static char* read_records(size_t* size) {
  int fd = open(ENV_FILE, O_RDONLY | O_CLOEXEC);
  size_t room = 4096, used = 0;
  char* records = fd < 0 ? NULL : malloc(room);
  while (records) {
    ssize_t n = read(fd, records + used, room - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;
    used += (size_t)n;
    if (n == 0) {
      close(fd);
      if (used > 0 && records[used - 1] != '\0') stop(kRefused, ENV_FILE, "damaged: its last record has no end");
      *size = used;
      return records;
    }
    if (used == room) records = realloc(records, room *= 2);
  }
  say("dso-init: " ENV_FILE ": ");
  say(strerror(errno));
  say(": the container starts only with its secrets\n");
  _exit(kRefused);
}

static int same_name(const char* a, const char* b) {
  size_t n = strcspn(a, "=");
  return strncmp(a, b, n) == 0 && b[n] == '=';
}

/// The records first, then what of the old environment they do not replace.
static char** merge(char* records, size_t size, size_t count) {
  size_t old = 0, used = 0;
  while (environ[old]) ++old;
  char** merged = malloc((count + old + 1) * sizeof *merged);
  if (!merged) stop(kRefused, ENV_FILE, strerror(ENOMEM));
  for (char* r = records; r < records + size; r += strlen(r) + 1) {
    if (*r == '=' || !strchr(r, '=')) stop(kRefused, ENV_FILE, "damaged: a record is not NAME=value");
    merged[used++] = r;
  }
  for (size_t i = 0; i < old; ++i) {
    size_t at = 0;
    while (at < count && !same_name(merged[at], environ[i])) ++at;
    if (at == count) merged[used++] = environ[i];
  }
  merged[used] = NULL;
  return merged;
}

/// As the engine does: a name with '/' is taken as it is, others are looked for along the new PATH; no shell as fallback.
static int run(char** argv) {
  if (strchr(argv[0], '/')) {
    execve(argv[0], argv, environ);
    return errno;
  }
  const char* path = getenv("PATH");
  int worst = ENOENT;
  if (!path) path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  for (const char* dir = path;; dir += 1) {
    size_t n = strcspn(dir, ":"), name = strlen(argv[0]) + 1;
    char* full = malloc(n + 2 + name);
    if (!full) return ENOMEM;
    size_t end = n ? n : 1;  // an empty part means the working directory
    memcpy(full, n ? dir : ".", end);
    full[end] = '/';
    memcpy(full + end + 1, argv[0], name);
    struct stat st;
    if (stat(full, &st) == 0 && !S_ISDIR(st.st_mode)) {
      execve(full, argv, environ);
      if (errno != EACCES) return errno;
      worst = EACCES;
    }
    free(full);
    dir += n;
    if (*dir == '\0') return worst;
  }
}

int main(int argc, char** argv) {
  if (argc < 2 || !argv[1][0]) stop(kRefused, "usage", "dso-init PROGRAM [ARGUMENT…]");
  size_t size = 0, count = 0;
  char* records = read_records(&size);
  for (size_t i = 0; i < size; ++i) count += records[i] == '\0';
  environ = merge(records, size, count);
  int failed = run(argv + 1);
  if (failed == E2BIG)
    stop(kNotExecutable, argv[1], "its arguments and variables together are too long; deliver large secrets as files");
  stop(failed == ENOENT || failed == ENOTDIR ? kNotFound : kNotExecutable, argv[1], strerror(failed));
}
