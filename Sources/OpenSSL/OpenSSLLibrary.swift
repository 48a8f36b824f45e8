internal import COpenSSL
internal import System

/// The functions of libcrypto and libssl.
///
/// Each library is loaded when a function of it is first needed: relocating them takes as long as
/// everything else that a short command does, and most commands neither sign nor send.
enum OpenSSLLibrary {
  static let cryptoFile = "libcrypto.so.3"
  static let sslFile = "libssl.so.3"

  private nonisolated(unsafe) static let crypto = unsafe DynamicLibrary.load(
    cryptoFile, names: regctl_libcrypto_names, as: regctl_libcrypto.self
  ).mapError { OpenSSLError(reason: $0.reason) }

  private nonisolated(unsafe) static let ssl = unsafe DynamicLibrary.load(
    sslFile, names: regctl_libssl_names, as: regctl_libssl.self
  ).mapError { OpenSSLError(reason: $0.reason) }

  /// The functions of libcrypto.
  static func cryptoFunctions() throws(OpenSSLError) -> UnsafePointer<regctl_libcrypto> {
    try unsafe crypto.get()
  }

  /// The functions of libssl.
  static func sslFunctions() throws(OpenSSLError) -> UnsafePointer<regctl_libssl> {
    try unsafe ssl.get()
  }
}
