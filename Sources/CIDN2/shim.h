#ifndef REGCTL_CIDN2_SHIM_H
#define REGCTL_CIDN2_SHIM_H

#include <idn2.h>

/* Nothing links this library: IDN2Library.swift loads it at its first use. The table has one pointer
   for each function, of the type that the header declares, in the order of the names. */
#define REGCTL_LIBIDN2(FUNCTION)   \
  FUNCTION(idn2_check_version)     \
  FUNCTION(idn2_free)              \
  FUNCTION(idn2_strerror)          \
  FUNCTION(idn2_to_ascii_8z)       \
  FUNCTION(idn2_to_unicode_8z8z)

#define REGCTL_POINTER(function) __typeof__(&function) _Nonnull function;
#define REGCTL_NAME(function) #function,

struct regctl_libidn2 { REGCTL_LIBIDN2(REGCTL_POINTER) };
static const char *_Nonnull const regctl_libidn2_names[] = {REGCTL_LIBIDN2(REGCTL_NAME)};

#undef REGCTL_NAME
#undef REGCTL_POINTER
#undef REGCTL_LIBIDN2

#endif
