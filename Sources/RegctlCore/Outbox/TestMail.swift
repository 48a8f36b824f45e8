internal import SMTP
internal import System

/// A mail that only tests delivery.
struct TestMail {
  private let form: MailForm
  private let serviceName: String
  private let now: Instant

  init(_ configuration: Configuration, uid: UInt32, at now: Instant) throws(RegctlError) {
    form = try MailForm(configuration, uid: uid)
    self.now = now
    serviceName =
      configuration.serviceName ?? configuration.confirmURL?.host ?? form.sender.address
  }

  func mail(to address: EmailAddress) -> OutgoingMail {
    let messageID = "\(now.seconds).\(RandomBytes.hexadecimal(12))@\(form.sender.domain)"
    let words = "This is a test of the mail of \(serviceName), sent \(now.minuteText)."
    let message = form.message(
      to: address.mailbox, subject: "Test mail of \(serviceName)", date: now.seconds,
      messageID: messageID,
      text: "\(words)\n\nNothing needs to be done.\n",
      html: "<p>\(MailTemplate.escapeHTML(words))</p>\n<p>Nothing needs to be done.</p>\n")
    let entry = OutboxEntry(
      id: MailID(rawValue: 0), account: AccountID(rawValue: 0), email: address.text,
      kind: .confirm, purpose: .confirm, state: .sending, attempts: 1, queuedAt: now,
      nextAttemptAt: nil,
      finishedAt: nil, lastReply: nil, messageID: messageID, isPossibleDuplicate: false)
    return OutgoingMail(
      entry: entry, recipient: form.recipient(of: address.mailbox), messageID: messageID,
      envelopeSender: form.envelopeSender, envelopeID: nil, bytes: message.bytes)
  }
}

extension Mailbox {
  /// The part after the at sign.
  var domain: String {
    let domain = address.utf8.split(separator: UInt8(ascii: "@")).last ?? [][...]
    return String(decoding: domain, as: UTF8.self)
  }
}
