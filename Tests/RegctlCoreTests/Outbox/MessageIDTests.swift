import Testing

@testable import RegctlCore

@Suite("MessageID") struct MessageIDTests {
  @Test(arguments: [
    "1795424400.0123456789abcdef01234567@app.example", "1795424400.0123456789abcdef01234567",
    "m1@localhost", "A.b.9@x-y.example", "1@10.0.0.1",
  ])
  func `a generated Message-ID is accepted`(_ text: String) { #expect(MessageID.isOurs(text)) }

  @Test(arguments: [
    "", "@app.example", "1.2@", "1.2@a..b", "1.2@-a.b", "1.2@a.b@c.d", "1 2@a.b", "../1@a.b",
    "1/2@a.b", "1.2@a.b/../c", "1.2@a.b\r\nBcc: eve@example.org", "1.2\n", "1.2>@a.b", "é@a.b",
    "1.2@a.b\u{0}", "1_2@a.b", String(repeating: "x", count: 1000),
  ])
  func `any other Message-ID is rejected`(_ text: String) {
    #expect(!MessageID.isOurs(text))
  }
}
