import Testing

@testable import SMTP

@Suite("Capabilities") struct CapabilitiesTests {
  /// The capabilities in lines after the greeting line.
  private func offered(_ lines: String...) -> Capabilities {
    Capabilities(Reply(code: 250, lines: ["mx.example.org at your service"] + lines))
  }

  @Test(arguments: ["PIPELINING", "pipelining", "Pipelining", "PIPELINING "])
  func `keywords are case-insensitive`(_ line: String) {
    #expect(offered(line).hasPipelining)
  }

  @Test func `each extension has its keyword`() {
    let all = offered("PIPELINING", "STARTTLS", "8BITMIME", "SIZE", "XYZZY", "SMTPUTF8")
    #expect(all.hasPipelining)
    #expect(all.hasStartTLS)
    #expect(all.has8BitMIME)
    #expect(all.hasSize)
    #expect(all.hasSMTPUTF8)
  }

  @Test(arguments: [
    Capabilities.none, Capabilities(Reply(code: 250, lines: ["mx"])),
    Capabilities(Reply(code: 250, lines: [""])), Capabilities(Reply(code: 250, lines: ["mx", ""])),
    // The first line is a greeting, whatever it contains.
    Capabilities(Reply(code: 250, lines: ["PIPELINING STARTTLS 8BITMIME SIZE AUTH PLAIN"])),
    Capabilities(Reply(code: 250, lines: ["mx", "XPIPELINING", "HELP STARTTLS", "PIPE LINING"])),
  ])
  func `no extension is assumed`(_ capabilities: Capabilities) {
    #expect(!capabilities.hasPipelining)
    #expect(!capabilities.hasStartTLS)
    #expect(!capabilities.has8BitMIME)
    #expect(!capabilities.hasSize)
    #expect(!capabilities.hasSMTPUTF8)
    #expect(capabilities.mechanism == nil)
  }

  @Test(arguments: [
    ("SIZE 1000", 1000), ("size=1000", 1000), ("SIZE 0", nil), ("SIZE", nil), ("SIZE x", nil),
    ("SIZE -1", nil), ("SIZE 99999999999999999999", nil), ("HELP 1000", nil),
  ])
  func `the maximum size of a mail is parsed`(_ line: String, limit: Int?) {
    #expect(offered(line).maximumSize == limit)
  }

  @Test(
    arguments: [
      (["AUTH PLAIN LOGIN"], .plain), (["AUTH LOGIN PLAIN"], .plain), (["AUTH LOGIN"], .login),
      (["auth plain"], .plain), (["AUTH=PLAIN"], .plain), (["AUTH=LOGIN"], .login),
      (["AUTH CRAM-MD5", "AUTH=LOGIN"], .login), (["AUTH CRAM-MD5 XOAUTH2 PLAIN"], .plain),
      (["AUTH CRAM-MD5 SCRAM-SHA-256"], nil), (["AUTH"], nil), (["AUTH PLAINER"], nil), ([], nil),
    ] as [([String], AuthenticationMechanism?)])
  func `the preferred mechanism among those offered is used`(
    _ lines: [String], mechanism: AuthenticationMechanism?
  ) {
    let reply = Reply(code: 250, lines: ["mx"] + lines)
    #expect(Capabilities(reply).mechanism == mechanism)
  }
}
