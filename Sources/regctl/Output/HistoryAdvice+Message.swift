internal import RegctlCore

extension HistoryAdvice {
  /// What to do next about an account, ending with the command if there is one; `nil` for nothing.
  func message(on account: Account, now: Instant) -> Hint? {
    let resend = ShellCommand("regctl resend", account.email)
    switch self {
    case .nothing: return nil
    case .unlock(let lock):
      let unlock = ShellCommand("regctl unlock", lock.domain.map { "@\($0)" } ?? account.email)
      return "when the cause of the lock is gone: \(unlock)"
    case .deliver(let since):
      return "a mail has waited for \(now - since): \(ShellCommand("regctl deliver"))"
    case .releaseHeld(let since):
      let release = ShellCommand("regctl release-held", options: ["--email": account.email])
      return """
        the mail has been held for \(now - since), because far more accounts were registered than \
        usually: \(release)
        """
    case .wait(let due, let refusal):
      return Self.message(until: due, after: refusal, on: account)
    case .resend:
      return "send a new link: \(resend)"
    case .resendLater(let next):
      return "send a new link, not before \(next): \(resend)"
    case .fixAddress(let refusal):
      let check: Hint = "the mail was refused\(refusal.words): check the address with its owner"
      return refusal.correction(of: account).map { "\(check); \($0)" } ?? check
    case .changeBounced(let bounce, let likely):
      let words: Hint = (bounce.reply ?? bounce.status).map { " (\(quoting: $0))" } ?? ""
      let change = ShellCommand("regctl change-email", account.email, likely ?? "NEW")
      return "the mail was not delivered\(words): check the address with its owner, then \(change)"
    case .otherWay(let refusal):
      return """
        the mailbox takes no mail\(refusal.words): reach its owner in another way, and later send a \
        new link: \(resend)
        """
    case .checkSetup(let refusal):
      return """
        the server does not take mail from here\(refusal.words), which is no fault of the address: \
        check with regctl doctor, then \(refusal.retry)
        """
    case .confirmChange(let new):
      let another = ShellCommand("regctl change-email", account.email, new)
      return "\(quoting: new) waits for its link; to mail another: \(another)"
    case .namesake(let email):
      let show = ShellCommand("regctl show", email)
      return "\(quoting: email) is confirmed, the same in another spelling: \(show)"
    }
  }

  /// The advice on a deferred mail.
  private static func message(
    until due: Instant, after refusal: Refusal?, on account: Account
  ) -> Hint {
    guard let refusal else { return "a mail is due at \(due)" }
    switch refusal.cause {
    case .address:
      let doubt: Hint = "the address may be wrong\(refusal.words); the next try is at \(due)"
      return refusal.correction(of: account).map { "\(doubt); \($0)" } ?? doubt
    case .mailbox:
      return """
        the mailbox takes no mail now\(refusal.words): wait for the next try at \(due), or reach its \
        owner in another way
        """
    case .sender:
      return """
        the server does not take mail from here\(refusal.words), which is no fault of the address; \
        the next try is at \(due): \(ShellCommand("regctl doctor"))
        """
    case .unknown:
      return "the server deferred the mail\(refusal.words): the next try is at \(due)"
    }
  }
}

extension HistoryAdvice.Refusal {
  /// The reply in parentheses, behind a blank.
  fileprivate var words: Hint { reply.map { " (\(quoting: $0))" } ?? "" }

  /// The change to the address that is probably meant.
  fileprivate func correction(of account: Account) -> Hint? {
    likely.map { likely in
      let change = ShellCommand("regctl change-email", account.email, likely)
      return "if \(quoting: likely) is meant: \(change)"
    }
  }

  fileprivate var retry: ShellCommand { ShellCommand("regctl retry-mail", "\(mail.rawValue)") }
}
