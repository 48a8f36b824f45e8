/// An unconfirmed account that will hardly be confirmed without help.
package struct StuckAccount {
  package enum Problem: Equatable, Sendable {
    /// The domain of the address is probably mistyped.
    case mistyped(likely: String)
    /// The last mail was refused for good.
    case refused(MailID, reply: String?, RefusalCause)
    /// The last mail was not accepted in time.
    case expired(reply: String?)
    /// The last mail was accepted by a relay and not delivered.
    case bounced(reply: String?, RefusalCause)
    /// Its link was tried after it had expired, and no other was mailed since.
    case linkExpired(triedAt: Instant)
    /// So many mails were queued, the last of them was accepted, and no link was used.
    case resent(mails: Int)
  }

  package let account: ListedAccount
  package let problem: Problem

  /// How many mails an account has that was mailed again twice.
  private static let resentMails = 3

  /// The accounts among some unconfirmed ones that are stuck; `details` must have been read.
  package static func among(
    _ accounts: [ListedAccount], typo: DomainTypo, in store: Store
  ) throws(RegctlError) -> [StuckAccount] {
    let attempts = try store.expiredLinks(of: accounts.map(\.id))
    var stuck: [StuckAccount] = []
    for account in accounts where !account.isLocked {
      if let problem = try problem(of: account, typo, triedAt: attempts[account.id], in: store) {
        stuck.append(StuckAccount(account: account, problem: problem))
      }
    }
    return stuck
  }

  /// What must be read of accounts.
  package static let details: AccountDetails = [.mailCount, .lastMail, .lock]

  private static func problem(
    of account: ListedAccount, _ typo: DomainTypo, triedAt: Instant?, in store: Store
  ) throws(RegctlError) -> Problem? {
    if let likely = typo.correction(of: account.email) { return .mistyped(likely: likely) }
    switch account.lastMailState {
    case .failed, .expired, .bounced:
      guard let mail = try store.mails(of: account.id).last else { return nil }
      if mail.state == .bounced {
        return .bounced(reply: mail.lastReply, RefusalCause(reply: mail.lastReply))
      }
      return mail.state == .expired
        ? .expired(reply: mail.lastReply)
        : .refused(mail.id, reply: mail.lastReply, RefusalCause(reply: mail.lastReply))
    case .sent, .cancelled, nil:
      if let triedAt, account.lastMailAt.map({ $0 <= triedAt }) ?? true {
        return .linkExpired(triedAt: triedAt)
      }
      let isResent = account.lastMailState == .sent && account.mails >= resentMails
      return isResent ? .resent(mails: account.mails) : nil
    // A mail with a new link is on its way.
    case .queued, .held, .sending: return nil
    }
  }
}
