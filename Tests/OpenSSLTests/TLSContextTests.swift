import Testing

@testable import OpenSSL

@Suite("TLSContext") struct TLSContextTests {
  @Test func `the system's authorities are there to be trusted`() {
    #expect(throws: Never.self) { try TLSContext(authorities: nil) }
  }

  @Test(arguments: ["/nowhere/ca.pem", "/dev/null", "/etc/passwd", "/tmp"])
  func `a file without authorities is named`(_ path: String) {
    #expect(throws: TLSError.authorities(path: path)) { try TLSContext(authorities: path) }
  }

  @Test func `an error leaves nothing behind`() throws {
    _ = try? TLSContext(authorities: "/nowhere/ca.pem")
    #expect(throws: Never.self) { try TLSContext(authorities: nil) }
  }
}
