// A disk that tests can slow down, hold back or fill: loaded into a process with LD_PRELOAD. Each file named by a variable
// switches something on while it is there: OBM_DISK_HELD keeps who syncs waiting, OBM_DISK_FULL refuses to write to files
// (to those under OBM_DISK_FULL_UNDER alone, if that is set). OBM_DISK_SYNC_MS makes each sync take that long.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static int is_on(const char *name) {
  const char *file = getenv(name);
  return file != NULL && access(file, F_OK) == 0;
}

/* Whoever syncs leaves a mark beside the file that holds it, so that a test knows that it waits. */
static void before_sync(void) {
  const char *ms = getenv("OBM_DISK_SYNC_MS");
  if (ms != NULL) usleep((useconds_t)atoi(ms) * 1000);
  if (!is_on("OBM_DISK_HELD")) return;
  char mark[4096];
  snprintf(mark, sizeof mark, "%s.waits", getenv("OBM_DISK_HELD"));
  FILE *made = fopen(mark, "w");
  if (made != NULL) fclose(made);
  while (is_on("OBM_DISK_HELD")) usleep(2000);
}

static int is_full(int fd) {
  if (!is_on("OBM_DISK_FULL")) return 0;
  struct stat facts;
  if (fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode)) return 0;
  const char *under = getenv("OBM_DISK_FULL_UNDER");
  if (under == NULL) return 1;
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = '\0';
  return strstr(path, under) != NULL;
}

#define NEXT(name) ((__typeof__(name) *)dlsym(RTLD_NEXT, #name))

int fsync(int fd) {
  before_sync();
  return NEXT(fsync)(fd);
}

int fdatasync(int fd) {
  before_sync();
  return NEXT(fdatasync)(fd);
}

#define REFUSE_IF_FULL(fd) \
  if (is_full(fd)) {       \
    errno = ENOSPC;        \
    return -1;             \
  }

ssize_t write(int fd, const void *from, size_t count) {
  REFUSE_IF_FULL(fd)
  return NEXT(write)(fd, from, count);
}

ssize_t pwrite(int fd, const void *from, size_t count, off_t at) {
  REFUSE_IF_FULL(fd)
  return NEXT(pwrite)(fd, from, count, at);
}

ssize_t pwrite64(int fd, const void *from, size_t count, off64_t at) {
  REFUSE_IF_FULL(fd)
  return NEXT(pwrite64)(fd, from, count, at);
}

ssize_t pwritev(int fd, const struct iovec *from, int count, off_t at) {
  REFUSE_IF_FULL(fd)
  return NEXT(pwritev)(fd, from, count, at);
}

ssize_t pwritev64(int fd, const struct iovec *from, int count, off64_t at) {
  REFUSE_IF_FULL(fd)
  return NEXT(pwritev64)(fd, from, count, at);
}

int ftruncate(int fd, off_t length) {
  REFUSE_IF_FULL(fd)
  return NEXT(ftruncate)(fd, length);
}

int posix_fallocate(int fd, off_t at, off_t length) {
  if (is_full(fd)) return ENOSPC;
  return NEXT(posix_fallocate)(fd, at, length);
}
