// A file system that fails, for processes that this is loaded into (LD_PRELOAD). The file named by SHIM_FAULTS says how, while it
// exists: one fault a line, "<call> <errno> <part of the path>", the end of the path when the part ends in $. Calls: open mkdir
// rename link unlink scandir bind fsync (of folders); linked is a link that is made, and whose answer gets lost.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static int matches(const char *path, char *part) {
  size_t end = strlen(part) - 1, length = strlen(path);
  if (part[end] != '$') return strstr(path, part) != NULL;
  part[end] = 0;
  return length >= end && !strcmp(path + length - end, part);
}

static int fault(const char *call, const char *path) {
  const char *file = getenv("SHIM_FAULTS");
  char text[4096], *rest = text, *line;
  if (!file || !path) return 0;
  int fd = syscall(SYS_openat, AT_FDCWD, file, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t size = syscall(SYS_read, fd, text, sizeof text - 1);
  syscall(SYS_close, fd);
  text[size > 0 ? size : 0] = 0;
  while ((line = strsep(&rest, "\n"))) {
    char name[32], part[512];
    int code;
    if (sscanf(line, "%31s %d %511s", name, &code, part) == 3 && !strcmp(name, call) && matches(path, part)) {
      errno = code;
      return 1;
    }
  }
  return 0;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define OPEN(name)                                         \
  int name(const char *path, int flags, ...) {             \
    va_list more;                                          \
    va_start(more, flags);                                 \
    mode_t mode = va_arg(more, mode_t);                    \
    va_end(more);                                          \
    return fault("open", path) ? -1 : REAL(name)(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)
int mkdir(const char *path, mode_t mode) { return fault("mkdir", path) ? -1 : REAL(mkdir)(path, mode); }
int rename(const char *from, const char *to) { return fault("rename", to) ? -1 : REAL(rename)(from, to); }
int link(const char *from, const char *to) {
  if (fault("link", to) || REAL(link)(from, to)) return -1;
  return fault("linked", to) ? -1 : 0;
}
int unlink(const char *path) { return fault("unlink", path) ? -1 : REAL(unlink)(path); }
int scandir(const char *path, struct dirent ***list, int (*pick)(const struct dirent *), int (*compare)(const struct dirent **, const struct dirent **)) {
  return fault("scandir", path) ? -1 : REAL(scandir)(path, list, pick, compare);
}
int scandir64(const char *path, struct dirent64 ***list, int (*pick)(const struct dirent64 *), int (*compare)(const struct dirent64 **, const struct dirent64 **)) {
  return fault("scandir", path) ? -1 : REAL(scandir64)(path, list, pick, compare);
}
int bind(int fd, const struct sockaddr *address, socklen_t size) {
  return address->sa_family == AF_UNIX && fault("bind", ((const struct sockaddr_un *)address)->sun_path) ? -1 : REAL(bind)(fd, address, size);
}
int fsync(int fd) {
  char link[64], path[4096];
  struct stat status;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t size = readlink(link, path, sizeof path - 1);
  if (size > 0 && !fstat(fd, &status) && S_ISDIR(status.st_mode)) {
    path[size] = 0;
    if (fault("fsync", path)) return -1;
  }
  return REAL(fsync)(fd);
}
