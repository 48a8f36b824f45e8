internal import SMTP
internal import System

/// A mail that only tests delivery.
struct TestMail {
  private let sender: Mailbox
  private let envelopeSender: String
  private let serviceName: String
  private let now: Instant

  init(_ configuration: Configuration, at now: Instant) throws(RegctlError) {
    guard let sender = configuration.mailDefaultSender else {
      throw .delivery(.missingSetting("mail_default_sender"))
    }
    self.sender = sender
    self.now = now
    envelopeSender = configuration.mailEnvelopeSender ?? sender.address
    serviceName = configuration.serviceName ?? configuration.confirmURL?.host ?? sender.address
  }

  func mail(to address: EmailAddress) -> OutgoingMail {
    let messageID = "\(now.seconds).\(RandomBytes.hexadecimal(12))@\(sender.domain)"
    let words = "This is a test of the mail of \(serviceName), sent \(now.minuteText)."
    let message = Message(
      from: sender, to: Mailbox(displayName: nil, address: address.mailbox),
      subject: "Test mail of \(serviceName)", date: now.seconds, messageID: messageID,
      text: "\(words)\n\nNothing needs to be done.\n",
      html: "<p>\(MailTemplate.escapeHTML(words))</p>\n<p>Nothing needs to be done.</p>\n")
    let entry = OutboxEntry(
      id: MailID(rawValue: 0), account: AccountID(rawValue: 0), email: address.text,
      kind: .confirm, purpose: .confirm, state: .sending, attempts: 1, queuedAt: now,
      nextAttemptAt: nil,
      finishedAt: nil, lastReply: nil, messageID: messageID, isPossibleDuplicate: false)
    return OutgoingMail(
      entry: entry, recipient: address.mailbox, messageID: messageID,
      envelopeSender: envelopeSender, bytes: message.bytes)
  }
}

extension Mailbox {
  /// The part after the at sign.
  var domain: String {
    let domain = address.utf8.split(separator: UInt8(ascii: "@")).last ?? [][...]
    return String(decoding: domain, as: UTF8.self)
  }
}
