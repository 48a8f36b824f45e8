#ifndef REGCTL_COPENSSL_SHIM_H
#define REGCTL_COPENSSL_SHIM_H

/* SHA1_Init and its like are marked as deprecated since 3.0 and stay for all of it. Their state is a
   plain value, which the fetched algorithms do not offer. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#endif
