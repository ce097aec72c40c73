/* A hostile client of a unix socket: keeps N connections open, asks on each of them without end and never reads an answer; what the
 * server ends is opened anew at once. Static, needs nothing of the image; ends when it is killed.
 *   unix_flood asks SOCKET TARGET CONNECTIONS    requests without end (pipelined), no answer is read
 *   unix_flood half SOCKET TARGET CONNECTIONS    the beginning of a request, never its end
 *   unix_flood mute SOCKET TARGET CONNECTIONS    nothing at all
 * Prints "flooding" once it has tried to open all of them. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int dial(const char* path) {
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  strncpy(a.sun_path, path, sizeof a.sun_path - 1);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd >= 0 && connect(fd, (struct sockaddr*)&a, sizeof a) == 0) return fd;
  if (fd >= 0) close(fd); /* EAGAIN: the queue is full, try again */
  return -1;
}

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  const char *kind = argv[1], *path = argv[2];
  int n = atoi(argv[4]), told = 0;
  struct rlimit files = {20000, 20000};
  setrlimit(RLIMIT_NOFILE, &files);
  signal(SIGPIPE, SIG_IGN);
  static char request[2048], batch[1 << 16];
  int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\n%s", argv[3], *kind == 'a' ? "\r\n" : "X: ");
  size_t room = 0;
  while (room + (size_t)length < sizeof batch && (room == 0 || *kind == 'a')) memcpy(batch + room, request, (size_t)length), room += (size_t)length;
  struct pollfd* fds = calloc((size_t)n, sizeof *fds);
  size_t* at = calloc((size_t)n, sizeof *at);
  for (int i = 0; i < n; i++) fds[i].fd = -1;
  for (;;) {
    for (int i = 0; i < n; i++) {
      if (fds[i].fd >= 0) continue;
      fds[i].fd = dial(path);
      if (fds[i].fd < 0) break;
      fds[i].events = *kind == 'm' ? 0 : POLLOUT;
      at[i] = 0;
    }
    if (!told) puts("flooding"), fflush(stdout), told = 1;
    poll(fds, (nfds_t)n, 10);
    for (int i = 0; i < n; i++) {
      if (fds[i].fd < 0 || !fds[i].revents) continue;
      ssize_t sent = fds[i].revents & (POLLHUP | POLLERR) ? -1 : send(fds[i].fd, batch + at[i], room - at[i], MSG_NOSIGNAL);
      if (sent < 0 && errno == EAGAIN && !(fds[i].revents & (POLLHUP | POLLERR))) continue;
      if (sent < 0) {
        close(fds[i].fd);
        fds[i].fd = -1;
      } else if ((at[i] += (size_t)sent) == room) {
        at[i] = 0;
        if (*kind == 'h') fds[i].events = 0;
      }
    }
  }
}
