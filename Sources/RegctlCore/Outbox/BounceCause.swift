internal import SMTP

/// What follows from a report that a mail of regctl's was not delivered.
struct BounceCause: Equatable, Sendable {
  let result: BounceRecord.Result

  /// Whether the address is wrong, so that no further mail to it will be delivered.
  let isAddressWrong: Bool

  /// Judges what a report says of a recipient; `nil` when the mail was delivered or passed on.
  init?(_ recipient: DeliveryStatus.Recipient) {
    switch recipient.action {
    case .delivered, .relayed, .expanded: return nil
    case .delayed:
      self.init(.delayed)
      return
    case .failed: break
    }
    guard let status = recipient.status else {
      self.init(RefusalCause(reply: recipient.diagnostic))
      return
    }
    // A server gives up in the end, and says so with the code of its last try.
    if status.level == 4 {
      self.init(.delayed)
      return
    }
    switch (status.subject, status.detail) {
    // The protocol: said of the mailbox by several providers, and between servers no fault of ours.
    case (5, _): self.init(.bounced)
    default: self.init(RefusalCause(reply: "550 \(status)"))
    }
  }

  private init(_ cause: RefusalCause) {
    switch cause {
    case .address: self.init(.bounced, isAddressWrong: true)
    case .sender: self.init(.declined)
    case .mailbox, .unknown: self.init(.bounced)
    }
  }

  private init(_ result: BounceRecord.Result, isAddressWrong: Bool = false) {
    self.result = result
    self.isAddressWrong = isAddressWrong
  }
}
