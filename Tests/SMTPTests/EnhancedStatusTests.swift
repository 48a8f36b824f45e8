import Testing

@testable import SMTP

@Suite("EnhancedStatus") struct EnhancedStatusTests {
  @Test(arguments: [
    ("550 5.1.1 No such user", "5.1.1"), ("452 4.2.2", "4.2.2"), ("250 2.0.0 Ok: queued", "2.0.0"),
    ("554 5.7.999 <ann@example.org>: 4.2.2", "5.7.999"), ("450 4.123.456 later", "4.123.456"),
  ])
  func `the code behind the basic code is read`(_ reply: String, expected: String) {
    #expect(EnhancedStatus(reply: reply)?.description == expected)
  }

  @Test(arguments: [
    "550 no such user", "550", "", " ", "550 5.1", "550 5.1.1.1 x", "550 5.1.x", "550 5..1",
    "550 5.1.1000 x", "550 4.1.1 x", "354 3.0.0 go on", "connection lost", "5501 5.1.1",
    "ab0 5.1.1 x", "550 -5.1.1 x", "550 \u{665}.1.1",
  ])
  func `other text is no code`(_ reply: String) {
    #expect(EnhancedStatus(reply: reply) == nil)
  }

  @Test(arguments: [
    ("5.1.1", true), ("4.4.7", true), ("5.1", false), ("3.1.1", false), ("", false),
  ])
  func `a code that stands alone is read`(_ text: String, isCode: Bool) {
    #expect((EnhancedStatus(code: text)?.description == text) == isCode)
  }
}
