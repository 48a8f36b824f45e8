#ifndef REGCTL_CCRYPT_SHIM_H
#define REGCTL_CCRYPT_SHIM_H

#include <crypt.h>

#endif
