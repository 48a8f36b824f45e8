internal import SMTP

/// What all mails have in common: sender, answers, further headers, and whether they go elsewhere.
struct MailForm {
  let sender: Mailbox

  /// The address for bounces.
  let envelopeSender: String
  private let replyTo: Mailbox?
  private let furtherHeaders: [FurtherHeader]

  /// The address to which every mail goes, instead of its own.
  private let redirection: String?

  /// Checks the sender, and reads the file of `mail_headers`, which must be trusted (`FileTrust`).
  init(_ configuration: Configuration, uid: UInt32) throws(RegctlError) {
    guard let sender = configuration.mailDefaultSender else {
      throw .delivery(.missingSetting("mail_default_sender"))
    }
    self.sender = sender
    envelopeSender = configuration.mailEnvelopeSender ?? sender.address
    replyTo = configuration.mailReplyTo
    redirection = configuration.mailRedirectAll
    furtherHeaders = try MailHeaderFile.headers(of: configuration, uid: uid)
  }

  /// Where the mail for an address goes.
  func recipient(of mailbox: String) -> String { redirection ?? mailbox }

  /// The message for an address; one that goes elsewhere names the address in a header.
  func message(
    to mailbox: String, subject: String, date: Int64, messageID: String,
    envelopeID: String? = nil, text: String, html: String
  ) -> Message {
    Message(
      from: sender, to: Mailbox(displayName: nil, address: recipient(of: mailbox)),
      replyTo: replyTo, originalRecipient: redirection == nil ? nil : mailbox, subject: subject,
      date: date, messageID: messageID, envelopeID: envelopeID, furtherHeaders: furtherHeaders,
      text: text, html: html)
  }
}
