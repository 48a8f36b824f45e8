#ifndef REGCTL_COPENSSL_SHIM_H
#define REGCTL_COPENSSL_SHIM_H

/* SHA1_Init and its like are marked as deprecated since 3.0 and stay for all of it. Their state is a
   plain value, which the fetched algorithms do not offer. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <dlfcn.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>

/* libcrypto is loaded at its first use and not at each start: relocating it takes as long as all
   else that a short command does, and most commands sign and hash nothing. The types are those of
   the headers. */
static inline void *regctl_libcrypto(const char *function) {
  static void *library;
  if (!library) library = dlopen("libcrypto.so.3", RTLD_LAZY | RTLD_LOCAL);
  void *address = library ? dlsym(library, function) : NULL;
  if (!address) {
    fprintf(stderr, "regctl: %s\n", dlerror());
    abort();
  }
  return address;
}

#define REGCTL_LIBCRYPTO(result, function, parameters, arguments)        \
  static inline result regctl_##function parameters {                    \
    static __typeof__(&function) call;                                   \
    if (!call) call = (__typeof__(&function))regctl_libcrypto(#function); \
    return call arguments;                                               \
  }

REGCTL_LIBCRYPTO(int, CRYPTO_memcmp, (const void *left, const void *right, size_t count),
                 (left, right, count))
REGCTL_LIBCRYPTO(int, EVP_Digest,
                 (const void *data, size_t count, unsigned char *digest, unsigned int *size,
                  const EVP_MD *type, ENGINE *engine),
                 (data, count, digest, size, type, engine))
REGCTL_LIBCRYPTO(const EVP_MD *, EVP_sha1, (void), ())
REGCTL_LIBCRYPTO(const EVP_MD *, EVP_sha256, (void), ())
REGCTL_LIBCRYPTO(void, OPENSSL_cleanse, (void *memory, size_t count), (memory, count))
REGCTL_LIBCRYPTO(const char *, OpenSSL_version, (int type), (type))
REGCTL_LIBCRYPTO(int, RAND_bytes, (unsigned char *buffer, int count), (buffer, count))
REGCTL_LIBCRYPTO(int, SHA1_Init, (SHA_CTX *state), (state))
REGCTL_LIBCRYPTO(int, SHA1_Update, (SHA_CTX *state, const void *data, size_t count),
                 (state, data, count))
REGCTL_LIBCRYPTO(int, SHA1_Final, (unsigned char *digest, SHA_CTX *state), (digest, state))

#undef REGCTL_LIBCRYPTO

#endif
