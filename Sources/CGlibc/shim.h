#ifndef REGCTL_CGLIBC_SHIM_H
#define REGCTL_CGLIBC_SHIM_H

#include <malloc.h>
#include <sys/prctl.h>

/* <unistd.h> declares these with _GNU_SOURCE only, without which Swift has
   imported it. */
static inline int regctl_setresuid(unsigned int real, unsigned int effective,
                                   unsigned int saved) {
  extern int setresuid(unsigned int, unsigned int, unsigned int);
  return setresuid(real, effective, saved);
}

static inline int regctl_setresgid(unsigned int real, unsigned int effective,
                                   unsigned int saved) {
  extern int setresgid(unsigned int, unsigned int, unsigned int);
  return setresgid(real, effective, saved);
}

/* prctl is variadic, which Swift cannot call. */
static inline int regctl_prctl(int option, unsigned long value) {
  return prctl(option, value, 0UL, 0UL, 0UL);
}

/* <malloc.h> is in no module of the C library. */
static inline int regctl_mallopt(int parameter, int value) {
  return mallopt(parameter, value);
}

static const int regctl_M_TRIM_THRESHOLD = M_TRIM_THRESHOLD;

#endif
