internal import Base

/// Identifies a mail of the outbox in a delivery status notification: as ENVID, and in the field
/// `X-Regctl-Mail`.
///
/// It is the number of the mail and the part of its `Message-ID` before the `@`, of which 96 bits are
/// random: only those who handled the mail know it.
struct EnvelopeID: Equatable, Sendable {
  let mail: MailID

  /// The part of the `Message-ID` before the `@`.
  let localPart: String

  /// The identifier of a mail.
  init(of mail: MailID, messageID: String) {
    self.mail = mail
    localPart = Self.localPart(of: messageID)
  }

  /// Reads an identifier from a report; `nil` for one that regctl does not make.
  init?(_ text: String) {
    let bytes = text.utf8
    guard bytes.count <= Self.maximumByteCount, let dot = bytes.firstIndex(of: UInt8(ascii: ".")),
      bytes[..<dot].allSatisfy(\.isDigit), let number = Int64(text[..<dot]), number > 0
    else { return nil }
    mail = MailID(rawValue: number)
    localPart = String(text[dot...].dropFirst())
    guard MessageID.isOurs(localPart), !localPart.utf8.contains(UInt8(ascii: "@")) else {
      return nil
    }
  }

  /// A report's identifier is not longer than that of any mail.
  private static let maximumByteCount = 1000

  var text: String { "\(mail.rawValue).\(localPart)" }

  /// Whether this is the identifier of a mail.
  func identifies(_ entry: OutboxEntry) -> Bool {
    mail == entry.id && localPart.utf8.elementsEqual(Self.localPart(of: entry.messageID).utf8)
  }

  private static func localPart(of messageID: String) -> String {
    String(decoding: messageID.utf8.prefix { $0 != UInt8(ascii: "@") }, as: UTF8.self)
  }
}
