/// Changes the address of an account.
package struct ChangeEmail: Sendable {
  private let address: EmailAddress
  private let denial: DeniedDomain?
  private let messageDomain: String?
  private let hasLink: Bool

  /// A change to an address, which a line of `deny_domains_file` may deny; for a confirmed account,
  /// `change_email_url` must be set.
  package init(
    to address: EmailAddress, deniedBy denial: DeniedDomain? = nil, _ configuration: Configuration
  ) {
    self.address = address
    self.denial = denial
    messageDomain = configuration.messageDomain
    hasLink = configuration.changeEmailURL != nil
  }

  package enum Effect: Equatable, Sendable {
    /// The address of an unconfirmed account was changed, and a confirmation mail is queued.
    case changed(Account, MailID)
    /// A confirmed account keeps its address until the link sent to the new one is used; a notice goes
    /// to the present one.
    case requested(Account, MailID, notice: MailID)
    /// The account has this address already.
    case unchanged(Account)
  }

  /// Changes the address of an unconfirmed account at once. For a confirmed account, sends a link
  /// to the new address; the newest request of an account wins.
  package func perform(
    _ email: String, in store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> Effect {
    try store.transaction { () throws(RegctlError) in
      let account = try store.account(named: email)
      try store.requireUnlocked(account)
      if account.email.utf8.elementsEqual(address.text.utf8) { return .unchanged(account) }
      try store.requireFree(address.text, for: account)
      if let denial { throw .account(.domainDenied(address.text, denial)) }
      return account.isConfirmed
        ? try request(of: account, in: store, at: now, by: actor)
        : try change(account, in: store, at: now, by: actor)
    }
  }

  private func change(
    _ account: Account, in store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> Effect {
    let changed = try Self.setEmail(account, to: address.text, in: store, at: now)
    try store.record(act(.changeEmail, on: account, at: now, by: actor))
    let mail = try store.enqueue(
      store.isInvited(changed) ? .invite : .confirm, to: changed, at: now,
      due: store.earliestLink(of: account.id, at: now),
      messageDomain: messageDomain)
    return .changed(changed, mail)
  }

  private func request(
    of account: Account, in store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> Effect {
    guard hasLink else { throw .delivery(.missingSetting("change_email_url")) }
    try store.requestEmailChange(of: account, to: address.text, at: now)
    try store.cancelMails(
      [.changeEmail], to: account.id, reason: "another address was asked for", at: now)
    try store.record(act(.requestEmailChange, on: account, at: now, by: actor))
    let mail = try store.enqueue(
      .changeEmail, to: account, email: address.text, at: now,
      due: store.earliestLink(of: account.id, at: now), messageDomain: messageDomain)
    let notice = try store.enqueue(
      .changedNotice, to: account, at: now, due: now, messageDomain: messageDomain)
    return .requested(account, mail, notice: notice)
  }

  private func act(
    _ act: AuditEntry.Act, on account: Account, at now: Instant, by actor: Actor
  ) -> AuditEntry {
    AuditEntry(act, on: account, at: now, by: actor, newEmail: address.text)
  }

  /// Carries out a request confirmed by a token, in the transaction that verified the token.
  static func confirm(
    _ change: EmailChange, of account: Account, in store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> Account {
    try store.confirmEmailChange(change.request, at: now)
    let changed = try setEmail(account, to: change.newEmail, in: store, at: now)
    try store.record(
      AuditEntry(
        .confirmEmailChange, on: account, at: now, by: actor, newEmail: change.newEmail))
    return changed
  }

  /// Replaces the address; links sent to the old one become invalid, and mails with them are not
  /// sent.
  private static func setEmail(
    _ account: Account, to email: String, in store: Store, at now: Instant
  ) throws(RegctlError) -> Account {
    let reason = "the account has another address"
    try store.setEmail(account.id, email)
    try store.clearBounces(of: account.id, at: now)
    try store.cancelMails(MailKind.confirming, to: account.id, reason: reason, at: now)
    try store.voidLinks(of: account.id, reason: reason, at: now)
    return try store.writtenAccount(account.id)
  }
}
