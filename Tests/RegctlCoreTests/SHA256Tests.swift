import Testing

@testable import RegctlCore

@Suite("SHA256") struct SHA256Tests {
  /// FIPS 180-2, appendix B.
  @Test func `a hash is 64 hexadecimal digits`() throws {
    let hash = try SHA256().hash(of: Array("abc".utf8))
    #expect(hash == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }
}
