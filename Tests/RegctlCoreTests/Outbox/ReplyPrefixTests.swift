import Testing

@testable import RegctlCore

@Suite("ReplyPrefix") struct ReplyPrefixTests {
  @Test(arguments: ["2", "45", "550", "5.7", "5.7.1", "4.123.999"])
  func `a code or its beginning is valid`(_ text: String) {
    #expect(ReplyPrefix(text) != nil)
  }

  @Test(arguments: [
    "", ".", "5.", ".7", "5..7", "1", "3.1", "55.7", "5.7.1.2", "5.1234", "5%", "x",
  ])
  func `anything else is not`(_ text: String) {
    #expect(ReplyPrefix(text) == nil)
  }
}
