internal import Base

/// The `Message-ID` of a mail, without angle brackets.
enum MessageID {
  /// Whether a text has the form that regctl generates: letters, digits and dots and, once a sender
  /// is configured, a host name.
  static func isOurs(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    let at = bytes.firstIndex(of: UInt8(ascii: "@"))
    let left = bytes[..<(at ?? bytes.endIndex)]
    let isPlain = left.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: ".") }
    guard isPlain, !left.isEmpty, bytes.count <= 900 else { return false }
    return at.map { EmailAddress.isHostName(bytes[($0 + 1)...]) } ?? true
  }
}
