#ifndef REGCTL_COPENSSL_SHIM_H
#define REGCTL_COPENSSL_SHIM_H

/* SHA1_Init and its like are deprecated since 3.0 and remain for all of it. Their state is a plain
   value, which the fetched algorithms do not offer. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

/* Nothing links these libraries: OpenSSLLibrary.swift loads them at their first use. A table has one
   pointer for each function, of the type that the headers declare, in the order of its names. */
#define REGCTL_LIBCRYPTO(FUNCTION)          \
  FUNCTION(ASN1_TIME_to_tm)                 \
  FUNCTION(CRYPTO_memcmp)                   \
  FUNCTION(ERR_clear_error)                 \
  FUNCTION(ERR_peek_last_error)             \
  FUNCTION(ERR_reason_error_string)         \
  FUNCTION(EVP_Digest)                      \
  FUNCTION(EVP_MD_fetch)                    \
  FUNCTION(EVP_MD_free)                     \
  FUNCTION(EVP_PBE_scrypt)                  \
  FUNCTION(OPENSSL_cleanse)                 \
  FUNCTION(OpenSSL_version)                 \
  FUNCTION(PKCS5_PBKDF2_HMAC)               \
  FUNCTION(SHA1_Final)                      \
  FUNCTION(SHA1_Init)                       \
  FUNCTION(SHA1_Update)                     \
  FUNCTION(X509_NAME_get_text_by_NID)       \
  FUNCTION(X509_VERIFY_PARAM_set1_host)     \
  FUNCTION(X509_VERIFY_PARAM_set1_ip_asc)   \
  FUNCTION(X509_VERIFY_PARAM_set_hostflags) \
  FUNCTION(X509_free)                       \
  FUNCTION(X509_get0_notAfter)              \
  FUNCTION(X509_get_issuer_name)            \
  FUNCTION(X509_get_subject_name)           \
  FUNCTION(X509_verify_cert_error_string)

#define REGCTL_LIBSSL(FUNCTION)              \
  FUNCTION(SSL_CTX_ctrl)                     \
  FUNCTION(SSL_CTX_free)                     \
  FUNCTION(SSL_CTX_load_verify_file)         \
  FUNCTION(SSL_CTX_new)                      \
  FUNCTION(SSL_CTX_set_default_verify_paths) \
  FUNCTION(SSL_CTX_set_verify)               \
  FUNCTION(SSL_connect)                      \
  FUNCTION(SSL_ctrl)                         \
  FUNCTION(SSL_free)                         \
  FUNCTION(SSL_get0_param)                   \
  FUNCTION(SSL_get1_peer_certificate)        \
  FUNCTION(SSL_get_error)                    \
  FUNCTION(SSL_get_verify_result)            \
  FUNCTION(SSL_get_version)                  \
  FUNCTION(SSL_new)                          \
  FUNCTION(SSL_read)                         \
  FUNCTION(SSL_set_fd)                       \
  FUNCTION(SSL_shutdown)                     \
  FUNCTION(SSL_write)                        \
  FUNCTION(TLS_client_method)

#define REGCTL_POINTER(function) __typeof__(&function) _Nonnull function;
#define REGCTL_NAME(function) #function,

struct regctl_libcrypto { REGCTL_LIBCRYPTO(REGCTL_POINTER) };
static const char *_Nonnull const regctl_libcrypto_names[] = {REGCTL_LIBCRYPTO(REGCTL_NAME)};

struct regctl_libssl { REGCTL_LIBSSL(REGCTL_POINTER) };
static const char *_Nonnull const regctl_libssl_names[] = {REGCTL_LIBSSL(REGCTL_NAME)};

#undef REGCTL_NAME
#undef REGCTL_POINTER
#undef REGCTL_LIBSSL
#undef REGCTL_LIBCRYPTO

#endif
