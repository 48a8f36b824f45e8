internal import Base

@testable import RegctlCore
@testable import SMTP

/// What becomes of text on the way into a mail: transfer encodings, header fields, and the end of the
/// data.
struct MailContentTarget: FuzzTarget {
  static let name = "wire"

  func check(_ input: [UInt8]) {
    WireFormat.requireTransparent(input)
    let text = String(decoding: input, as: UTF8.self)
    requireQuotedPrintable(text)
    // Values of a header are checked to be one line before.
    let line = String(
      String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7f }))
    requireHeader(line)
    requireFurtherHeader(input)
    let mailbox = Mailbox(displayName: line, address: "a@b.example")
    let message = Message(
      from: mailbox, to: Mailbox(displayName: nil, address: "c@d.example"), replyTo: mailbox,
      subject: line, date: 1, messageID: "1@b.example", envelopeID: "1.1", text: text, html: text)
    requireParts(message, text)
  }

  private func requireQuotedPrintable(_ text: String) {
    let encoded = QuotedPrintable.encode(text)
    WireFormat.requireLineEnds(encoded)
    WireFormat.requireLineLengths(encoded, atMost: 76)
    Property.require(
      encoded.allSatisfy { (0x20...0x7e).contains($0) || $0 == 0x09 || $0 == 0x0d || $0 == 0x0a },
      "quoted-printable is ASCII")
    Property.require(
      QuotedPrintable.decode(encoded[...]) == Self.wholeLines(text), "quoted-printable is decoded")
    _ = QuotedPrintable.decode(Array(text.utf8)[...])
  }

  /// The bytes of a text that ends with a line end, which the encoding adds.
  private static func wholeLines(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    return bytes.isEmpty || bytes.last == UInt8(ascii: "\n")
      ? bytes : bytes + [UInt8(ascii: "\n")]
  }

  private func requireHeader(_ line: String) {
    let field = HeaderField.text("Subject", line)
    let mailbox = HeaderField.mailbox(
      "From", Mailbox(displayName: line, address: "a@b.example"))
    WireFormat.requireTransparent(field + mailbox)
    WireFormat.requireLineLengths(field, atMost: 78)
    // Each quote in a name of one long word gets a backslash.
    WireFormat.requireLineLengths(mailbox)
    let header = ReceivedHeader((field + mailbox)[...])
    Property.require(header.bytes(of: "subject") != nil, "a header is read")
    Property.require(
      ReceivedAddress.inside(header["from"] ?? "") == "a@b.example",
      "a display name does not become an address")
    if let words = Self.decodedWords(header["subject"] ?? "") {
      Property.require(words == Array(line.utf8), "a subject arrives as it was")
    }
  }

  /// The bytes that encoded words stand for; `nil` for text that is not all of such words.
  private static func decodedWords(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    for word in text.split(separator: " ") {
      guard word.hasPrefix("=?UTF-8?B?"), word.hasSuffix("?="),
        let part = Base64.standard.decode(Array(word.utf8.dropFirst(10).dropLast(2))[...])
      else { return nil }
      bytes += part
    }
    return bytes.isEmpty ? nil : bytes
  }

  private func requireFurtherHeader(_ input: [UInt8]) {
    guard let header = try? MailHeader.parse(input[...]) else { return }
    let field = HeaderField.structured(header.name, header.body)
    WireFormat.requireTransparent(field)
    WireFormat.requireLineLengths(field, atMost: 78)
    Property.require(
      ReceivedHeader(field[...])[
        String(decoding: header.name.utf8.map(\.lowercased), as: UTF8.self)]
        != nil, "a further header is one field")
  }

  /// Requires that a reader finds the two parts and nothing else.
  private func requireParts(_ message: Message, _ text: String) {
    let bytes = message.bytes
    WireFormat.requireTransparent(bytes)
    WireFormat.requireLineLengths(bytes)
    Property.require(bytes.allSatisfy { $0 < 0x80 }, "a message is ASCII")
    let parts = ReceivedPart(bytes[...]).parts
    Property.require(
      parts.map(\.type.name) == ["text/plain", "text/html"], "a message has its two parts")
    for part in parts {
      // The line end before a delimiter belongs to the delimiter.
      let content = part.content
      let expected = Self.wholeLines(text)
      Property.require(
        content == expected || content == expected + [UInt8(ascii: "\n")], "a part is decoded")
    }
  }
}
