"""A clock for one process that is ahead of this machine's, or behind it."""

import subprocess
from pathlib import Path

SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *time) {
  static int (*next)(clockid_t, struct timespec *);
  if (!next) next = (int (*)(clockid_t, struct timespec *)) dlsym(RTLD_NEXT, "clock_gettime");
  int result = next(clock, time);
  if (clock == CLOCK_REALTIME) time->tv_sec += atol(getenv("CLOCK_SHIFT"));
  return result;
}
"""


def shifted_clock(directory: Path, seconds: int) -> dict[str, str]:
    """The variables with which a program sees the time of day so many seconds later."""
    source, library = directory / "clock.c", directory / "clock.so"
    source.write_text(SOURCE)
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return {"LD_PRELOAD": str(library), "CLOCK_SHIFT": str(seconds)}
