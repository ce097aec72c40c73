// The service of scripts/quickstart: answers each request with the password it sees, in its environment and in its file right
// now, and with the time of its start. (A real service would never show one; this is a demonstration with made-up values.)
//   web            serves on port 8000
//   web --probe    asks it for /health: exit code 0 or 1, for the container's health check
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FILE_PATH "/run/secrets/db_password"

static char started[16];
static void quit(int s) {
  (void)s, _exit(0);
}

static void read_file(char *out, size_t size) {
  int fd = open(FILE_PATH, O_RDONLY);
  ssize_t n = fd < 0 ? -1 : read(fd, out, size - 1);
  if (fd >= 0) close(fd);
  out[n < 0 ? 0 : n] = 0;
  out[strcspn(out, "\n")] = 0;
}

static struct sockaddr_in address(in_addr_t where) {
  return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(8000), .sin_addr.s_addr = htonl(where)};
}

static int probe(void) {
  struct sockaddr_in a = address(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  char answer[16] = "";
  const char *ask = "GET /health HTTP/1.0\r\n\r\n";
  if (connect(fd, (void *)&a, sizeof a) || write(fd, ask, strlen(ask)) < 0 || read(fd, answer, sizeof answer - 1) < 0) return 1;
  return strncmp(answer, "HTTP/1.0 200", 12) != 0;
}

int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "--probe")) return probe();
  signal(SIGTERM, quit), signal(SIGINT, quit), signal(SIGPIPE, SIG_IGN);  // PID 1 ignores what it does not handle
  time_t now = time(NULL);
  strftime(started, sizeof started, "%H:%M:%S", gmtime(&now));
  struct sockaddr_in a = address(INADDR_ANY);
  int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (void *)&a, sizeof a) || listen(listener, 64)) return perror("web"), 1;
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    char in[2048], file[256], body[1024];
    if (fd < 0) continue;
    if (read(fd, in, sizeof in) > 0) {
      const char *variable = getenv("DB_PASSWORD");
      read_file(file, sizeof file);
      snprintf(body, sizeof body, "in the environment: %s\nin the file:        %s\nrunning since:      %s UTC\n",
               variable ? variable : "-", *file ? file : "-", started);
      dprintf(fd, "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
    }
    close(fd);
  }
}
