import Testing

@testable import SMTP

@Suite("Message") struct MessageTests {
  private func message(
    name: String? = "Example", subject: String = "Hello", text: String = "Text\n",
    html: String = "<p>HTML</p>\n", messageID: String = "1.ab@x.org"
  ) -> Message {
    Message(
      from: Mailbox(displayName: name, address: "accounts@app.example"),
      to: Mailbox(displayName: nil, address: "ann@example.org"), subject: subject,
      date: 1_795_424_400, messageID: messageID, text: text, html: html)
  }

  @Test func `a mail is encoded as expected`() {
    let expected = """
      Date: Mon, 23 Nov 2026 09:00:00 +0000
      From: Example <accounts@app.example>
      To: ann@example.org
      Subject: Hello
      Message-ID: <1.ab@x.org>
      Auto-Submitted: auto-generated
      X-Auto-Response-Suppress: All
      MIME-Version: 1.0
      Content-Type: multipart/alternative; boundary="=_1.ab"

      --=_1.ab
      Content-Type: text/plain; charset=utf-8
      Content-Transfer-Encoding: quoted-printable

      Text

      --=_1.ab
      Content-Type: text/html; charset=utf-8
      Content-Transfer-Encoding: quoted-printable

      <p>HTML</p>

      --=_1.ab--

      """
    let lines = expected.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(message().bytes == Array(lines.joined(separator: "\r\n").utf8))
  }

  @Test func `further headers are folded, and the others in their place`() {
    let words = String(repeating: "word ", count: 20).dropLast()
    let bytes = Message(
      from: Mailbox(displayName: nil, address: "accounts@app.example"),
      to: Mailbox(displayName: nil, address: "tester@app.example"),
      replyTo: Mailbox(displayName: "Hilfe für Sie", address: "help@app.example"),
      originalRecipient: "ann@example.org", subject: "Hello", date: 1_795_424_400,
      messageID: "1.ab@x.org", furtherHeaders: [FurtherHeader(name: "X-Words", body: "\(words)")],
      text: "Text\n", html: "<p>HTML</p>\n"
    ).bytes
    let header = String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "\n")
    #expect(
      header.hasPrefix(
        """
        Date: Mon, 23 Nov 2026 09:00:00 +0000
        From: accounts@app.example
        To: tester@app.example
        Reply-To: =?UTF-8?B?SGlsZmUgZsO8ciBTaWU=?= <help@app.example>
        X-Regctl-Original-To: ann@example.org
        Subject: Hello
        Message-ID: <1.ab@x.org>
        Auto-Submitted: auto-generated
        X-Auto-Response-Suppress: All
        X-Words: word word word word word word word word word word word word word
         word word word word word word word
        MIME-Version: 1.0

        """))
  }

  @Test func `the same mail is the same bytes`() {
    #expect(message().bytes == message().bytes)
  }

  @Test(arguments: [
    "é\n.\nFrom me\r\rx", "--=_1.ab--\n", String(repeating: "word ", count: 100), "",
  ])
  func `every line is ASCII, has at most 76 bytes and ends in CRLF`(_ text: String) {
    let bytes = message(
      name: "Jürgen von der " + String(repeating: "Straße ", count: 10),
      subject: String(repeating: "Bestätigung ", count: 10), text: text, html: text,
      messageID: "1795424400.0123456789abcdef01234567@app.example"
    ).bytes
    #expect(bytes.allSatisfy { $0 < 0x80 })
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      #expect(line.count <= 77)
      #expect(line.last == UInt8(ascii: "\r"))
      #expect(!line.dropLast().contains(UInt8(ascii: "\r")))
    }
    #expect(bytes.last == UInt8(ascii: "\n"))
  }

  @Test func `text cannot end its MIME part`() {
    let lines = String(decoding: message(text: "--=_1.ab--\n").bytes, as: UTF8.self)
      .split(separator: "\r\n")
    #expect(lines.count { $0 == "--=_1.ab--" } == 1)
    #expect(lines.count { $0 == "--=_1.ab" } == 2)
  }

  @Test func `the identifier for reports is a field of its own`() {
    let message = Message(
      from: Mailbox(displayName: nil, address: "a@x.org"),
      to: Mailbox(displayName: nil, address: "b@y.org"), subject: "S", date: 0,
      messageID: "1.ab@x.org",
      envelopeID: "7.1.ab", text: "", html: "")
    #expect(message.bytes.contains(sequence: "\r\nX-Regctl-Mail: 7.1.ab\r\n".utf8))
  }
}
