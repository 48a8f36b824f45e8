internal import SMTP

/// Whose fault it is that a server did not accept a mail, as far as its reply tells.
package enum RefusalCause: Equatable, Sendable {
  /// The recipient's address does not exist, or is not one.
  case address
  /// The recipient's mailbox is full, disabled or takes no such mail.
  case mailbox
  /// The sender: its address, rights, reputation or settings, or the mail itself. The recipient's
  /// address may be right.
  case sender
  /// The reply does not tell, or there is none.
  case unknown

  /// Reads a reply: its enhanced status code (RFC 3463, section 3), or else its basic code (RFC 5321,
  /// section 4.2.3).
  package init(reply: String?) {
    let reply = reply ?? ""
    if let status = EnhancedStatus(reply: reply) {
      self.init(status)
    } else {
      self.init(basicCode: String(reply.prefix { $0 != " " }))
    }
  }

  private init(_ status: EnhancedStatus) {
    self =
      switch (status.subject, status.detail) {
      // Bad sender's mailbox address, bad sender's system address.
      case (1, 7), (1, 8): .sender
      case (1, _): .address
      case (2, _): .mailbox
      // The message is too big for the system.
      case (3, 4): .sender
      // For good: a domain without a server, and a recipient whom Exchange Online does not know.
      case (4, 1), (4, 4), (4, 310): status.level == 5 ? .address : .unknown
      // For good: as Gmail says that the sender has sent too much today.
      case (4, 5): status.level == 5 ? .sender : .unknown
      // As Outlook says of an unknown mailbox.
      case (5, 0): .unknown
      // The recipient's server takes no address or mail beyond ASCII (RFC 6531, section 3.5 and 3.6).
      case (6, 7...10): .mailbox
      case (5...7, _): .sender
      default: .unknown
      }
  }

  private init(basicCode: String) {
    self =
      switch basicCode {
      case "551", "553": .address
      case "452", "552": .mailbox
      // Of AUTH and STARTTLS: RFC 4954, section 6, and RFC 3207, section 4.
      case "530", "534", "535", "538": .sender
      // 550 stands for a mailbox that does not exist as well as for a policy.
      default: .unknown
      }
  }
}
