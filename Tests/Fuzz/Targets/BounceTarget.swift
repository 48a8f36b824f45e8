internal import Base

@testable import RegctlCore
@testable import SMTP

/// Delivery status reports, and any other message that arrives in their place.
struct BounceTarget: FuzzTarget {
  static let name = "bounce"

  func check(_ input: [UInt8]) {
    let report = DeliveryStatus(input)
    Property.require((Bounce(input) != nil) == (report != nil), "a report is a report")
    if let report { requireReport(report) }
    if !input.contains(UInt8(ascii: "\r")) {
      let other = DeliveryStatus(Self.withCRLF(input))
      Property.require(
        other?.recipients == report?.recipients && other?.envelopeIDs == report?.envelopeIDs
          && other?.reportingServer == report?.reportingServer
          && ["to", "message-id", "x-regctl-mail"].allSatisfy {
            other?.returned?[$0] == report?.returned?[$0]
          }, "a report says the same with CRLF")
    }
    requirePart(ReceivedPart(input[...]), depth: 0)
  }

  private static func withCRLF(_ bytes: [UInt8]) -> [UInt8] {
    bytes.flatMap { $0 == UInt8(ascii: "\n") ? [UInt8(ascii: "\r"), $0] : [$0] }
  }

  private func requireReport(_ report: DeliveryStatus) {
    Property.require(
      (1...DeliveryStatus.maximumRecipientCount).contains(report.recipients.count),
      "a report has some recipients, and not too many")
    for recipient in report.recipients {
      let words = recipient.diagnostic ?? ""
      Property.require(
        !words.utf8.contains { $0 < 0x20 }, "the words of a server are one line")
      let excerpt = ReplyExcerpt.of(ScrambledText.hide(in: words))
      Property.require(
        excerpt.utf8.count <= ReplyExcerpt.maximumByteCount, "what is stored is short")
      let cause = BounceCause(recipient)
      Property.require(
        (cause != nil) == [.failed, .delayed].contains(recipient.action),
        "only what failed or is late is recorded")
      if let cause {
        Property.require(
          !cause.isAddressWrong || recipient.action == .failed,
          "no address is wrong because mail is late")
      }
      for address in recipient.finalAddresses + recipient.originalAddresses {
        _ = AddressSpellings.identity(of: address)
      }
    }
    for text in report.envelopeIDs {
      guard let identifier = EnvelopeID(text) else { continue }
      Property.require(identifier.mail.rawValue > 0, "a mail has a positive number")
      Property.require(EnvelopeID(identifier.text) == identifier, "an identifier is read again")
    }
  }

  private func requirePart(_ part: ReceivedPart, depth: Int) {
    let parts = part.parts
    Property.require(
      parts.count <= ReceivedPart.maximumPartCount, "a message has not too many parts")
    _ = part.content
    _ = part.type[parameter: "boundary"]
    guard depth < 3 else { return }
    for part in parts { requirePart(part, depth: depth + 1) }
  }
}
