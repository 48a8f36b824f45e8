/// A composed mail on its way out.
struct OutgoingMail {
  let entry: OutboxEntry

  /// The `Message-ID` without angle brackets.
  let messageID: String
  let envelopeSender: String

  /// The message with CRLF line ends.
  let bytes: [UInt8]
}

/// A way for mail to leave.
///
/// A transport that throws is out of order for every mail: the run stops, and no mail is charged
/// an attempt.
protocol MailTransport {
  /// Hands a mail over for good and returns what the other side said.
  mutating func send(_ mail: OutgoingMail) throws(DeliveryError) -> String
}
