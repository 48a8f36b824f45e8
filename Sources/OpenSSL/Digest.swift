internal import COpenSSL

/// A cryptographic hash function of libcrypto.
@safe package struct Digest: ~Copyable {
  package enum Algorithm: String, Sendable {
    case sha1 = "SHA1"
    case sha256 = "SHA2-256"
    case sha512 = "SHA2-512"

    /// The length of a digest in bytes.
    var byteCount: Int {
      switch self {
      case .sha1: 20
      case .sha256: 32
      case .sha512: 64
      }
    }
  }

  private let crypto: UnsafePointer<regctl_libcrypto>
  private let algorithm: OpaquePointer
  private let byteCount: Int

  /// Throws if libcrypto cannot be loaded or does not have the algorithm. The corresponding C
  /// function is `EVP_MD_fetch`.
  package init(_ algorithm: Algorithm) throws(OpenSSLError) {
    let crypto = try unsafe OpenSSLLibrary.cryptoFunctions()
    guard let fetched = unsafe crypto.pointee.EVP_MD_fetch(nil, algorithm.rawValue, nil) else {
      throw OpenSSLError(missing: algorithm.rawValue)
    }
    unsafe self.crypto = crypto
    unsafe self.algorithm = fetched
    byteCount = algorithm.byteCount
  }

  deinit { unsafe crypto.pointee.EVP_MD_free(algorithm) }

  /// The digest of some bytes. The corresponding C function is `EVP_Digest`.
  package borrowing func digest(of bytes: [UInt8]) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: byteCount)
    var written: UInt32 = 0
    let code = unsafe bytes.withUnsafeBytes { input in
      unsafe crypto.pointee.EVP_Digest(
        input.baseAddress, input.count, &output, &written, algorithm, nil)
    }
    precondition(
      code == 1 && Int(written) == byteCount, "a fetched digest fails only without memory")
    return output
  }
}
