import Testing

@testable import SMTP

@Suite("Envelope") struct EnvelopeTests {
  private func envelope(
    from sender: String = "a@x.org", to recipient: String = "b@y.org", content: [UInt8] = []
  ) -> Envelope {
    Envelope(id: 1, sender: sender, recipient: recipient, content: content)
  }

  private func travelling(_ text: String) -> String {
    String(decoding: envelope(content: Array(text.utf8)).transparentContent, as: UTF8.self)
  }

  // MARK: Content

  @Test(arguments: [
    ("", ".\r\n"), ("Hi", "Hi\r\n.\r\n"), ("Hi\r\n", "Hi\r\n.\r\n"), ("\r\n", "\r\n.\r\n"),
    ("a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n.\r\n"),
  ])
  func `the final dot is on its own line`(_ text: String, expected: String) {
    #expect(travelling(text) == expected)
  }

  @Test(arguments: [
    (".", "..\r\n.\r\n"), ("..", "...\r\n.\r\n"), (".\r\n", "..\r\n.\r\n"),
    ("a\r\n.\r\nb", "a\r\n..\r\nb\r\n.\r\n"), ("a\r\n.b.\r\n", "a\r\n..b.\r\n.\r\n"),
    ("a.\r\n", "a.\r\n.\r\n"), (".\r\n.\r\n", "..\r\n..\r\n.\r\n"), ("\r\n.", "\r\n..\r\n.\r\n"),
  ])
  func `a dot that begins a line is doubled`(_ text: String, expected: String) {
    #expect(travelling(text) == expected)
  }

  @Test(arguments: [
    ("a\nb", "a\r\nb\r\n.\r\n"), ("a\rb", "a\r\nb\r\n.\r\n"), ("a\n", "a\r\n.\r\n"),
    ("a\r", "a\r\n.\r\n"), ("a\n\rb", "a\r\n\r\nb\r\n.\r\n"), ("a\r\r\nb", "a\r\n\r\nb\r\n.\r\n"),
    ("a\n\nb", "a\r\n\r\nb\r\n.\r\n"),
    // Text that would end the mail for a server that accepts other line ends.
    ("a\n.\nb", "a\r\n..\r\nb\r\n.\r\n"), ("a\r.\rb", "a\r\n..\r\nb\r\n.\r\n"),
    ("a\n.\r\nb", "a\r\n..\r\nb\r\n.\r\n"), ("a\r\n.\nb", "a\r\n..\r\nb\r\n.\r\n"),
    ("a\r.\r\nb", "a\r\n..\r\nb\r\n.\r\n"),
  ])
  func `a lone CR or LF ends a line`(_ text: String, expected: String) {
    #expect(travelling(text) == expected)
  }

  @Test func `every other byte is sent unchanged`() {
    let content = (0...255).map { UInt8($0) }.filter { ![0x0a, 0x0d].contains($0) }
    #expect(envelope(content: content).transparentContent == content + Array("\r\n.\r\n".utf8))
  }

  @Test(arguments: [([0x41, 0x7f, 0], false), ([0x41, 0x80], true), ([0xff], true), ([], false)])
  func `a byte above 127 makes it eight-bit`(_ content: [UInt8], isEightBit: Bool) {
    #expect(envelope(content: content).isEightBit == isEightBit)
  }

  // MARK: Addresses

  @Test(arguments: ["b@y.org", "b+c@y.org", "\"b\"@y.org", "b", "!#$%&'*+-/=?^_`{|}~@y.org", ""])
  func `an address of visible ASCII can be sent in a command`(_ address: String) {
    #expect(envelope(to: address).hasSpeakableAddresses)
  }

  @Test func `letters beyond ASCII need an extension`() {
    #expect(envelope(to: "bé@y.org").hasSpeakableAddresses)
    #expect(envelope(to: "bé@y.org").needsUTF8)
    #expect(envelope(from: "bé@y.org").needsUTF8)
    #expect(!envelope(to: "b@y.org").needsUTF8)
  }

  @Test(arguments: [
    "b c@y.org", "b\r\nDATA", "b\n", "b\t@y.org", "b>@y.org", "<b@y.org", "b\u{7f}", "b\u{0}",
    " ", "bé @y.org",
  ])
  func `an address that would break its command cannot be sent`(_ address: String) {
    #expect(!envelope(to: address).hasSpeakableAddresses)
    #expect(!envelope(from: address).hasSpeakableAddresses)
  }
}
