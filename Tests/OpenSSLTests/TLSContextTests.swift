import Testing

@testable import OpenSSL

@Suite("TLSContext") struct TLSContextTests {
  @Test func `the system has trusted authorities`() {
    #expect(throws: Never.self) { try TLSContext(authorities: nil) }
  }

  @Test(arguments: ["/nowhere/ca.pem", "/dev/null", "/etc/passwd", "/tmp"])
  func `an error names a file without authorities`(_ path: String) {
    #expect(throws: TLSError.authorities(path: path)) { try TLSContext(authorities: path) }
  }

  @Test func `an error clears the error queue`() throws {
    _ = try? TLSContext(authorities: "/nowhere/ca.pem")
    #expect(throws: Never.self) { try TLSContext(authorities: nil) }
  }
}
