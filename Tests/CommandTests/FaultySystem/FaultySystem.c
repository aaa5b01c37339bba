// A library to preload: a system whose disk refuses chosen calls, and whose clock is set back in the middle of a run.
//
//   FAULTY_DISK=CALL:NAME:ERRNO:FIRST:COUNT   of the calls of open, write, fsync, rename, linkat or flock on a file whose
//                                             path contains NAME, COUNT fail with this errno, from the FIRST (0, …) on
//   FAULTY_CLOCK=NAME:COUNT:SECONDS           after COUNT writes to such a file, the clock of the day is so much behind
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((typeof(&name))dlsym(RTLD_NEXT, #name))

// The errno that this call is to fail with, or 0.
static int fault(const char *call, const char *path) {
  static atomic_long calls;
  const char *plan = getenv("FAULTY_DISK");
  char fault_call[16], name[64];
  int error;
  long first, count;
  if (!plan || sscanf(plan, "%15[^:]:%63[^:]:%d:%ld:%ld", fault_call, name, &error, &first, &count) != 5) return 0;
  if (strcmp(call, fault_call) || !strstr(path, name)) return 0;
  long place = atomic_fetch_add(&calls, 1);
  return place >= first && place < first + count ? error : 0;
}

static const char *path_of(int file, char path[4096]) {
  char link[32];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, 4095);
  path[length < 0 ? 0 : length] = 0;
  return path;
}

static atomic_long seconds_back;

static void turn_clock(const char *path) {
  static atomic_long writes;
  const char *plan = getenv("FAULTY_CLOCK");
  char name[64];
  long count, seconds;
  if (!plan || sscanf(plan, "%63[^:]:%ld:%ld", name, &count, &seconds) != 3 || !strstr(path, name)) return;
  if (atomic_fetch_add(&writes, 1) + 1 == count) atomic_store(&seconds_back, seconds);
}

#define FAIL(call, path)         \
  do {                           \
    int error = fault(call, path); \
    if (error) {                 \
      errno = error;             \
      return -1;                 \
    }                            \
  } while (0)

int open(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  int mode = flags & O_CREAT ? va_arg(arguments, int) : 0;
  va_end(arguments);
  if (flags & O_CREAT) FAIL("open", path);
  return REAL(open)(path, flags, mode);
}

ssize_t write(int file, const void *bytes, size_t count) {
  char path[4096];
  int error = fault("write", path_of(file, path));
  if (error) {
    // A disk fills up in the middle.
    REAL(write)(file, bytes, count / 2);
    errno = error;
    return -1;
  }
  turn_clock(path);
  return REAL(write)(file, bytes, count);
}

int fsync(int file) {
  char path[4096];
  FAIL("fsync", path_of(file, path));
  return REAL(fsync)(file);
}

int rename(const char *from, const char *to) {
  FAIL("rename", to);
  return REAL(rename)(from, to);
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
  FAIL("linkat", to);
  return REAL(linkat)(from_folder, from, to_folder, to, flags);
}

int flock(int file, int operation) {
  char path[4096];
  FAIL("flock", path_of(file, path));
  return REAL(flock)(file, operation);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  int result = REAL(clock_gettime)(clock, now);
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) now->tv_sec -= atomic_load(&seconds_back);
  return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  int result = REAL(gettimeofday)(now, zone);
  now->tv_sec -= atomic_load(&seconds_back);
  return result;
}

time_t time(time_t *now) {
  time_t seconds = REAL(time)(NULL) - atomic_load(&seconds_back);
  if (now) *now = seconds;
  return seconds;
}
