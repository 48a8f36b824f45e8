import Testing

@testable import COpenSSL
@testable import OpenSSL

@Suite("OpenSSLLibrary") struct OpenSSLLibraryTests {
  @Test func `the tables have as many functions as names`() throws {
    #expect(
      MemoryLayout<regctl_libcrypto>.size == MemoryLayout.size(ofValue: regctl_libcrypto_names))
    #expect(MemoryLayout<regctl_libssl>.size == MemoryLayout.size(ofValue: regctl_libssl_names))
    _ = try OpenSSLLibrary.cryptoFunctions()
    _ = try OpenSSLLibrary.sslFunctions()
  }
}
