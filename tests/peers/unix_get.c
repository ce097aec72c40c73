/* A client for a unix socket, for tests and benchmarks that must ask from inside a container; static, needs nothing of the image.
 *   unix_get get SOCKET TARGET                       the answer of one GET, head and body
 *   unix_get post SOCKET TARGET BODY                 the same of one POST
 *   unix_get anew SOCKET TARGET COUNT                so many GETs, each on a connection of its own
 *   unix_get http SOCKET TARGET SECONDS CONNECTIONS  GETs with keep-alive, one after the other on each connection
 *   unix_get echo SOCKET SECONDS SIZE                bare ping-pong with a server started by `unix_get serve SOCKET SIZE`
 * Prints {"reads": n, "seconds": s, "p50_us": x, "p99_us": y}. Exit code 1: an answer other than 200, or the connection ended. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static struct sockaddr_un address_of(const char* path) {
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  strncpy(a.sun_path, path, sizeof a.sun_path - 1);
  return a;
}

static int dial(const char* path) {
  struct sockaddr_un a = address_of(path);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connect(fd, (struct sockaddr*)&a, sizeof a) != 0) {
    fprintf(stderr, "connect %s: %s\n", path, strerror(errno));
    exit(1);
  }
  return fd;
}

static void send_whole(int fd, const char* text, size_t n) {
  while (n > 0) {
    ssize_t sent = send(fd, text, n, MSG_NOSIGNAL);
    if (sent <= 0) exit(1);
    text += sent, n -= (size_t)sent;
  }
}

enum { kMaxTimes = 4 << 20 };
struct client {
  const char *socket, *target;
  double until;
  float* times;
  int n;
  size_t echo;
};

/* One exchange; the whole answer is read. */
static void exchange(int fd, const char* request, size_t length, char* buffer, size_t room) {
  send_whole(fd, request, length);
  size_t got = 0, whole = 0;
  while (whole == 0 || got < whole) {
    ssize_t n = recv(fd, buffer + got, room - 1 - got, 0);
    if (n <= 0) exit(1);
    got += (size_t)n;
    buffer[got] = 0;
    char* end = strstr(buffer, "\r\n\r\n");
    if (whole == 0 && end) {
      char* said = strcasestr(buffer, "content-length: ");
      if (!said || strncmp(buffer, "HTTP/1.1 200", 12) != 0) {
        fprintf(stderr, "%s\n", buffer);
        exit(1);
      }
      whole = (size_t)(end + 4 - buffer) + strtoul(said + 16, NULL, 10);
    }
  }
}

static void* run(void* p) {
  struct client* c = p;
  static __thread char buffer[1 << 17], request[4096];
  int fd = dial(c->socket);
  int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: dso\r\n\r\n", c->target ? c->target : "");
  for (double begin = now(); begin < c->until && c->n < kMaxTimes;) {
    if (c->echo) {
      send_whole(fd, request, (size_t)length);
      for (size_t got = 0; got < c->echo;) {
        ssize_t n = recv(fd, buffer, sizeof buffer, 0);
        if (n <= 0) exit(1);
        got += (size_t)n;
      }
    } else {
      exchange(fd, request, (size_t)length, buffer, sizeof buffer);
    }
    double end = now();
    c->times[c->n++] = (float)((end - begin) * 1e6);
    begin = end;
  }
  close(fd);
  return NULL;
}

static int by_time(const void* a, const void* b) {
  float x = *(const float*)a, y = *(const float*)b;
  return (x > y) - (x < y);
}

static void measure(const char* socket, const char* target, double seconds, int connections, size_t echo) {
  struct client* clients = calloc((size_t)connections, sizeof *clients);
  pthread_t* threads = calloc((size_t)connections, sizeof *threads);
  double begin = now();
  for (int i = 0; i < connections; i++) {
    clients[i] = (struct client){socket, target, begin + seconds, malloc(sizeof(float) * kMaxTimes), 0, echo};
    pthread_create(&threads[i], NULL, run, &clients[i]);
  }
  int n = 0;
  for (int i = 0; i < connections; i++) pthread_join(threads[i], NULL), n += clients[i].n;
  double took = now() - begin;
  float* all = malloc(sizeof(float) * (size_t)(n + 1));
  for (int i = 0, at = 0; i < connections; at += clients[i].n, i++) memcpy(all + at, clients[i].times, sizeof(float) * (size_t)clients[i].n);
  qsort(all, (size_t)n, sizeof *all, by_time);
  printf("{\"reads\": %d, \"seconds\": %.3f, \"p50_us\": %.2f, \"p99_us\": %.2f}\n", n, took, all[n / 2], all[n - 1 - n / 100]);
}

static void measure_anew(const char* path, const char* target, int count) {
  static char buffer[1 << 17], request[4096];
  float* all = malloc(sizeof(float) * (size_t)count);
  int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: dso\r\n\r\n", target);
  double begin = now();
  for (int i = 0; i < count; i++) {
    double start = now();
    int fd = dial(path);
    exchange(fd, request, (size_t)length, buffer, sizeof buffer);
    close(fd);
    all[i] = (float)((now() - start) * 1e6);
  }
  double took = now() - begin;
  qsort(all, (size_t)count, sizeof *all, by_time);
  printf("{\"reads\": %d, \"seconds\": %.3f, \"p50_us\": %.2f, \"p99_us\": %.2f}\n", count, took, all[count / 2], all[count - 1 - count / 100]);
}

/* Answers whatever comes with SIZE bytes: what a unix socket costs without a program behind it. */
static void* serve_one(void* p) {
  static __thread char buffer[1 << 17];
  int fd = (int)(long)((long*)p)[0];
  size_t size = (size_t)((long*)p)[1];
  while (recv(fd, buffer, sizeof buffer, 0) > 0) send_whole(fd, buffer, size);
  close(fd);
  return NULL;
}

static void serve(const char* path, size_t size) {
  struct sockaddr_un a = address_of(path);
  unlink(path);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(fd, (struct sockaddr*)&a, sizeof a) != 0 || listen(fd, 64) != 0) exit(1);
  for (;;) {
    long* one = malloc(2 * sizeof *one);
    one[0] = accept(fd, NULL, NULL), one[1] = (long)size;
    pthread_t thread;
    pthread_create(&thread, NULL, serve_one, one);
  }
}

int main(int argc, char** argv) {
  if (argc == 4 && !strcmp(argv[1], "serve")) serve(argv[2], strtoul(argv[3], NULL, 10));
  int is_post = argc == 5 && !strcmp(argv[1], "post");
  if (is_post || (argc == 4 && !strcmp(argv[1], "get"))) {
    const char* body = is_post ? argv[4] : "";
    char text[8192], buffer[1 << 16];
    int fd = dial(argv[2]);
    int length = snprintf(text, sizeof text, "%s %s HTTP/1.1\r\nHost: dso\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s",
                          is_post ? "POST" : "GET", argv[3], strlen(body), body);
    if (length >= (int)sizeof text) return 2;
    send_whole(fd, text, (size_t)length);
    for (ssize_t n; (n = recv(fd, buffer, sizeof buffer, 0)) > 0;) fwrite(buffer, 1, (size_t)n, stdout);
    return 0;
  }
  if (argc == 5 && !strcmp(argv[1], "anew")) return measure_anew(argv[2], argv[3], atoi(argv[4])), 0;
  if (argc == 6 && !strcmp(argv[1], "http")) return measure(argv[2], argv[3], atof(argv[4]), atoi(argv[5]), 0), 0;
  if (argc == 5 && !strcmp(argv[1], "echo")) return measure(argv[2], NULL, atof(argv[3]), 1, strtoul(argv[4], NULL, 10)), 0;
  fprintf(stderr, "usage: see the first lines of unix_get.c\n");
  return 2;
}
