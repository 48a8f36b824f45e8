internal import COpenSSL

/// A cryptographic hash function of libcrypto.
package enum Digest: Sendable {
  case sha1, sha256

  private var algorithm: OpaquePointer? {
    switch self {
    case .sha1: unsafe regctl_EVP_sha1()
    case .sha256: unsafe regctl_EVP_sha256()
    }
  }

  /// The length of a digest in bytes.
  package var byteCount: Int {
    switch self {
    case .sha1: 20
    case .sha256: 32
    }
  }

  /// The digest of some bytes. The corresponding C function is `EVP_Digest`.
  package func digest(of bytes: [UInt8]) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: byteCount)
    var written: UInt32 = 0
    let code = unsafe bytes.withUnsafeBytes { input in
      unsafe regctl_EVP_Digest(input.baseAddress, input.count, &output, &written, algorithm, nil)
    }
    precondition(code == 1 && Int(written) == byteCount, "libcrypto has no \(self)")
    return output
  }
}
