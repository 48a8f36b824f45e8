#ifndef REGCTL_CGLIBC_SHIM_H
#define REGCTL_CGLIBC_SHIM_H

#include <sys/types.h>
#include <netinet/in.h>
#include <arpa/nameser.h>
#include <malloc.h>
#include <resolv.h>
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

/* <resolv.h> names these functions by macros, and a function like the structure. */
typedef struct __res_state regctl_res_state;

static inline int regctl_res_ninit(regctl_res_state *_Nonnull state) {
  return res_ninit(state);
}

static inline int regctl_res_nquery(regctl_res_state *_Nonnull state,
                                    const char *_Nonnull name, int record_class,
                                    int type, unsigned char *_Nonnull answer,
                                    int length) {
  return res_nquery(state, name, record_class, type, answer, length);
}

static inline void regctl_res_nclose(regctl_res_state *_Nonnull state) {
  res_nclose(state);
}

static const int regctl_M_TRIM_THRESHOLD = M_TRIM_THRESHOLD;

#endif
