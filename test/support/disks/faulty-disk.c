/*
 * A disk that fails by name, for tests: preloaded into a process, it answers chosen calls on chosen files with an errno,
 * or kills the process as the system does when memory runs out.
 *
 * FFHQ_TEST_FAULTS: rules `call:errno:path`, separated by `;`. `path` is found anywhere in the file's path, or at its end
 * if it ends with `$`. `errno` 0 kills. Calls: open, read, write, sync, rename (by its new name).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static int fault(const char *call, const char *path) {
  const char *at = getenv("FFHQ_TEST_FAULTS");
  char rule[1024];
  while (at && *at) {
    size_t length = strcspn(at, ";");
    if (length < sizeof rule) {
      memcpy(rule, at, length);
      rule[length] = 0;
      char *code = strchr(rule, ':');
      char *wanted = code ? strchr(code + 1, ':') : NULL;
      if (wanted) {
        *code++ = 0;
        *wanted++ = 0;
        size_t size = strlen(wanted);
        int matches;
        if (size && wanted[size - 1] == '$') {
          wanted[--size] = 0;
          size_t there = strlen(path);
          matches = there >= size && strcmp(path + there - size, wanted) == 0;
        } else matches = strstr(path, wanted) != NULL;
        if (matches && strcmp(rule, call) == 0) {
          int number = atoi(code);
          if (number == 0) kill(getpid(), SIGKILL);
          errno = number;
          return 1;
        }
      }
    }
    at += length + (at[length] == ';');
  }
  return 0;
}

static int pathOf(const char *link, char *path, size_t room) {
  int kept = errno;
  ssize_t length = readlink(link, path, room - 1);
  errno = kept;
  path[length < 0 ? 0 : length] = 0;
  return path[0] == '/';
}

static int faultOf(const char *call, int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  return pathOf(link, path, sizeof path) && fault(call, path);
}

/* By the name that people know, where the path goes through an open folder. */
static int faultAt(const char *call, const char *path) {
  char link[64], whole[8192];
  int length = 0;
  if (sscanf(path, "/proc/%*[a-z0-9]/fd/%*d%n", &length) == 0 && length > 0 && length < (int)sizeof link) {
    memcpy(link, path, length);
    link[length] = 0;
    if (pathOf(link, whole, 4096)) {
      strncat(whole, path + length, 4000);
      return fault(call, whole);
    }
  }
  return fault(call, path);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define ON_FD(name, call, params, args)             \
  ssize_t name params {                             \
    return faultOf(call, fd) ? -1 : NEXT(name) args; \
  }
ON_FD(read, "read", (int fd, void *to, size_t n), (fd, to, n))
ON_FD(pread64, "read", (int fd, void *to, size_t n, off64_t at), (fd, to, n, at))
ON_FD(preadv64, "read", (int fd, const struct iovec *to, int n, off64_t at), (fd, to, n, at))
ON_FD(write, "write", (int fd, const void *from, size_t n), (fd, from, n))
ON_FD(pwrite64, "write", (int fd, const void *from, size_t n, off64_t at), (fd, from, n, at))
ON_FD(pwritev64, "write", (int fd, const struct iovec *from, int n, off64_t at), (fd, from, n, at))

int fsync(int fd) { return faultOf("sync", fd) ? -1 : NEXT(fsync)(fd); }
int fdatasync(int fd) { return faultOf("sync", fd) ? -1 : NEXT(fdatasync)(fd); }
int rename(const char *from, const char *to) { return faultAt("rename", to) ? -1 : NEXT(rename)(from, to); }

int open64(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = va_arg(more, mode_t);
  va_end(more);
  return faultAt("open", path) ? -1 : NEXT(open64)(path, flags, mode);
}
