import Testing

@testable import SMTP

@Suite("ReceivedHeader") struct ReceivedHeaderTests {
  private func header(_ text: String) -> ReceivedHeader { ReceivedHeader(Array(text.utf8)[...]) }

  @Test(arguments: [
    ("A: b\n", "b"), ("a:b", "b"), ("A : b", "b"), ("A:\t b \t", "b"), ("A: b\r\n c\r\n", "b c"),
    ("A:\n\tb\n c", "b c"), ("A: b\nA: c", "b"), ("A:", ""), ("x\nA: b", "b"), (" x\nA: b", "b"),
    ("A: b:c", "b:c"),
  ])
  func `a field is found by its name`(_ text: String, expected: String) {
    #expect(header(text)["a"] == expected)
  }

  @Test(arguments: ["", "\nA: b", "\r\nA: b", "B: c\n\nA: b", "A\u{301}: b", "B: c\r\n\r\nA: b"])
  func `the header ends at the first empty line`(_ text: String) {
    #expect(header(text)["a"] == nil)
  }

  @Test func `bytes that are not UTF-8 do no harm`() {
    #expect(ReceivedHeader([0x41, 0x3a, 0xff, 0x0a])["a"] == "\u{fffd}")
  }
}
