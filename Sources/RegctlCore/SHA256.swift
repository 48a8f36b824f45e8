internal import Base
internal import OpenSSL

/// SHA-256 in hexadecimal digits, which needs OpenSSL.
package struct SHA256: ~Copyable {
  private let digest: Digest

  /// Throws if OpenSSL is not available.
  init() throws(RegctlError) { digest = try openSSL(Digest(.sha256)) }

  /// Checks that OpenSSL is available, before a change that is to be recorded in the audit begins.
  package static func check() throws(RegctlError) { _ = try SHA256() }

  /// The hash of some bytes, 64 digits.
  borrowing func hash(of bytes: [UInt8]) -> String {
    Hexadecimal.text(of: digest.digest(of: bytes))
  }
}

/// Calls OpenSSL; the translation of `OpenSSLError` at the border of the core.
func openSSL<Result: ~Copyable>(
  _ call: @autoclosure () throws(OpenSSLError) -> Result
) throws(RegctlError) -> Result {
  do throws(OpenSSLError) {
    return try call()
  } catch {
    throw .openSSL(reason: error.reason)
  }
}
