#ifndef REGCTL_COPENSSL_SHIM_H
#define REGCTL_COPENSSL_SHIM_H

/* SHA1_Init and its like are marked as deprecated since 3.0 and stay for all of it. Their state is a
   plain value, which the fetched algorithms do not offer. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <dlfcn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

/* The libraries are loaded at their first use and not at each start: relocating them takes as long
   as all else that a short command does, and most commands neither sign nor send. The types are
   those of the headers. */
static inline void *regctl_symbol(void **library, const char *file, const char *function) {
  if (!*library) *library = dlopen(file, RTLD_LAZY | RTLD_LOCAL);
  void *address = *library ? dlsym(*library, function) : NULL;
  if (!address) {
    fprintf(stderr, "regctl: %s\n", dlerror());
    abort();
  }
  return address;
}

static inline void *regctl_libcrypto(const char *function) {
  static void *library;
  return regctl_symbol(&library, "libcrypto.so.3", function);
}

static inline void *regctl_libssl(const char *function) {
  static void *library;
  return regctl_symbol(&library, "libssl.so.3", function);
}

#define REGCTL_LOADED(library, result, function, parameters, arguments)      \
  static inline result regctl_##function parameters {                       \
    static __typeof__(&function) call;                                      \
    if (!call) call = (__typeof__(&function))regctl_##library(#function);   \
    return call arguments;                                                  \
  }
#define REGCTL_LIBCRYPTO(...) REGCTL_LOADED(libcrypto, __VA_ARGS__)
#define REGCTL_LIBSSL(...) REGCTL_LOADED(libssl, __VA_ARGS__)

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

REGCTL_LIBCRYPTO(void, ERR_clear_error, (void), ())
REGCTL_LIBCRYPTO(unsigned long, ERR_peek_last_error, (void), ())
REGCTL_LIBCRYPTO(const char *, ERR_reason_error_string, (unsigned long code), (code))
REGCTL_LIBCRYPTO(const char *, X509_verify_cert_error_string, (long code), (code))
REGCTL_LIBCRYPTO(int, X509_VERIFY_PARAM_set1_host,
                 (X509_VERIFY_PARAM * parameters, const char *name, size_t size),
                 (parameters, name, size))
REGCTL_LIBCRYPTO(int, X509_VERIFY_PARAM_set1_ip_asc,
                 (X509_VERIFY_PARAM * parameters, const char *address), (parameters, address))
REGCTL_LIBCRYPTO(void, X509_VERIFY_PARAM_set_hostflags,
                 (X509_VERIFY_PARAM * parameters, unsigned int flags), (parameters, flags))
REGCTL_LIBCRYPTO(void, X509_free, (X509 * certificate), (certificate))
REGCTL_LIBCRYPTO(X509_NAME *, X509_get_issuer_name, (const X509 *certificate), (certificate))
REGCTL_LIBCRYPTO(X509_NAME *, X509_get_subject_name, (const X509 *certificate), (certificate))
REGCTL_LIBCRYPTO(const ASN1_TIME *, X509_get0_notAfter, (const X509 *certificate), (certificate))
REGCTL_LIBCRYPTO(int, ASN1_TIME_to_tm, (const ASN1_TIME *time, struct tm *fields), (time, fields))
REGCTL_LIBCRYPTO(int, X509_NAME_get_text_by_NID,
                 (X509_NAME * name, int identifier, char *buffer, int size),
                 (name, identifier, buffer, size))

REGCTL_LIBSSL(const SSL_METHOD *, TLS_client_method, (void), ())
REGCTL_LIBSSL(SSL_CTX *, SSL_CTX_new, (const SSL_METHOD *method), (method))
REGCTL_LIBSSL(void, SSL_CTX_free, (SSL_CTX * context), (context))
REGCTL_LIBSSL(long, SSL_CTX_ctrl, (SSL_CTX * context, int command, long number, void *pointer),
              (context, command, number, pointer))
REGCTL_LIBSSL(int, SSL_CTX_set_default_verify_paths, (SSL_CTX * context), (context))
REGCTL_LIBSSL(int, SSL_CTX_load_verify_file, (SSL_CTX * context, const char *file),
              (context, file))
REGCTL_LIBSSL(void, SSL_CTX_set_verify,
              (SSL_CTX * context, int mode, SSL_verify_cb callback), (context, mode, callback))
REGCTL_LIBSSL(SSL *, SSL_new, (SSL_CTX * context), (context))
REGCTL_LIBSSL(void, SSL_free, (SSL * stream), (stream))
REGCTL_LIBSSL(long, SSL_ctrl, (SSL * stream, int command, long number, void *pointer),
              (stream, command, number, pointer))
REGCTL_LIBSSL(int, SSL_set_fd, (SSL * stream, int descriptor), (stream, descriptor))
REGCTL_LIBSSL(X509_VERIFY_PARAM *, SSL_get0_param, (SSL * stream), (stream))
REGCTL_LIBSSL(int, SSL_connect, (SSL * stream), (stream))
REGCTL_LIBSSL(int, SSL_read, (SSL * stream, void *buffer, int count), (stream, buffer, count))
REGCTL_LIBSSL(int, SSL_write, (SSL * stream, const void *bytes, int count),
              (stream, bytes, count))
REGCTL_LIBSSL(int, SSL_shutdown, (SSL * stream), (stream))
REGCTL_LIBSSL(int, SSL_get_error, (const SSL *stream, int result), (stream, result))
REGCTL_LIBSSL(long, SSL_get_verify_result, (const SSL *stream), (stream))
REGCTL_LIBSSL(const char *, SSL_get_version, (const SSL *stream), (stream))
REGCTL_LIBSSL(X509 *, SSL_get1_peer_certificate, (const SSL *stream), (stream))

/* TLS 1.2 at least; the name to ask for in the handshake; partial writes that may move. The macros of
   the headers would call the functions directly. */
static inline int regctl_SSL_CTX_require_tls12(SSL_CTX *context) {
  regctl_SSL_CTX_ctrl(context, SSL_CTRL_MODE,
                      SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER, NULL);
  return (int)regctl_SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, NULL);
}
static inline int regctl_SSL_set_server_name(SSL *stream, const char *name) {
  return (int)regctl_SSL_ctrl(stream, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                              (void *)name);
}

#undef REGCTL_LIBSSL
#undef REGCTL_LIBCRYPTO
#undef REGCTL_LOADED

#endif
