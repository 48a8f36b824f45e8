/// OpenSSL cannot be used.
package struct OpenSSLError: Error, Equatable, Sendable {
  /// The library and what is wrong with it, in the words of the dynamic loader where that failed.
  package let reason: String

  init(reason: String) { self.reason = reason }

  /// The error of an algorithm that no provider of libcrypto has.
  init(missing algorithm: String) {
    self.init(reason: "\(OpenSSLLibrary.cryptoFile): no provider has \(algorithm)")
  }
}
