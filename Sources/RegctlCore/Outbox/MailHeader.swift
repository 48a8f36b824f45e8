internal import Base
internal import SMTP

/// A header field that an operator adds to every mail (RFC 5322, section 2.2).
package enum MailHeader {
  /// The reason why a line is not such a field.
  package enum Fault: Error, Equatable, Sendable {
    case noColon
    /// A name may have printable ASCII characters only, and no blank before the colon.
    case name
    /// regctl writes the field itself, or it decides where a mail goes or how it is read.
    case reserved(String)
    case empty
    case notASCII
    /// A word does not fit on a line of 76 bytes.
    case longWord
  }

  /// Parses a line `Name: text` without its line end.
  static func parse(_ line: ArraySlice<UInt8>) throws(Fault) -> FurtherHeader {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { throw .noColon }
    let name = line[..<colon]
    guard !name.isEmpty, name.allSatisfy(\.isVisible) else { throw .name }
    let text = String(decoding: name, as: UTF8.self)
    guard !isReserved(name) else { throw .reserved(text) }
    let body = line[(colon + 1)...]
    guard body.allSatisfy(\.isPrintable) else { throw .notASCII }
    let words = body.split(separator: UInt8(ascii: " "))
    guard let first = words.first else { throw .empty }
    // The first word is on the line of the name.
    guard name.count + 2 + first.count <= 76, words.allSatisfy({ $0.count < 76 }) else {
      throw .longWord
    }
    let joined = Array(words.joined(separator: [UInt8(ascii: " ")]))
    return FurtherHeader(name: text, body: String(decoding: joined, as: UTF8.self))
  }

  /// Whether a name is in the list or begins with one of the prefixes, in any case of letters.
  private static func isReserved(_ name: ArraySlice<UInt8>) -> Bool {
    let name = name.map(\.lowercased)
    return reservedNames.contains { name.elementsEqual($0.utf8) }
      || reservedPrefixes.contains { name.starts(with: $0.utf8) }
  }

  /// What regctl writes; the originator, destination and trace fields of RFC 5322, section 3.6; and
  /// what signs or judges a mail.
  private static let reservedNames = [
    "from", "sender", "reply-to", "to", "cc", "bcc", "apparently-to", "date", "message-id",
    "in-reply-to", "references", "subject", "auto-submitted", "x-auto-response-suppress",
    "mime-version", "received", "return-path", "delivered-to", "envelope-to", "x-original-to",
    "dkim-signature", "domainkey-signature", "received-spf", "authentication-results",
  ]
  private static let reservedPrefixes = ["content-", "resent-", "arc-", "x-regctl-"]
}
