internal import Base
internal import SMTP

/// Decides whether a mail is still wanted, and composes it with a new token.
struct MailAssembler {
  private let composer: MailComposer
  private let signers: TokenSigners
  private let lifetime: Duration
  private let allowsUTF8: Bool

  /// The age at which an unconfirmed account is pruned.
  private let pruneAfter: TimeSpan

  init(_ configuration: Configuration, uid: UInt32) throws(RegctlError) {
    composer = try MailComposer(configuration, uid: uid)
    signers = try TokenSigners(configuration, uid: uid)
    lifetime = configuration.mailLifetime
    pruneAfter = configuration.pruneAfter
    allowsUTF8 = configuration.allowsSMTPUTF8
  }

  /// The decision on a due mail.
  enum Decision {
    /// The mail is not sent, for a reason.
    case ended(OutboxEntry.State, reason: String)
    case wanted(Claim)
  }

  /// A wanted mail, with all data that its text depends on.
  struct Claim {
    let entry: OutboxEntry
    let account: Account

    /// The entry's address, with the domain in A-labels.
    let mailbox: String
    let messageID: String

    /// Identifies the mail in a report about it.
    var envelopeID: EnvelopeID { EnvelopeID(of: entry.id, messageID: messageID) }

    /// The payload of the token; `nil` when the mail's address gets none.
    let payload: TokenPayload?

    /// Tokens that were issued before this second are revoked.
    let notBefore: Int64

    /// The language of the account; `nil` when it has none.
    let language: MailLanguage?

    /// A token issued already, which is stored with the account; `nil` for one that is issued when
    /// the mail is sent.
    var token: String?
  }

  /// Decides on a mail to a recipient; call it under the write lock, so that the decision stays
  /// valid.
  func decide(
    on entry: OutboxEntry, to recipient: MailRecipient?, in store: Store, at now: Instant
  ) throws(RegctlError) -> Decision {
    guard let recipient else { return .ended(.cancelled, reason: "the account was deleted") }
    if let (state, reason) = try unwanted(entry, account: recipient.account, at: now) {
      return .ended(state, reason: reason)
    }
    if entry.kind == .invite, try !store.isInvited(recipient.account) {
      return .ended(.cancelled, reason: "a password was set")
    }
    let claim = try claim(entry, to: recipient, in: store)
    let hasToken = claim.payload != nil || entry.kind.purpose == nil
    return hasToken ? .wanted(claim) : .ended(.cancelled, reason: "the change is no longer wanted")
  }

  /// Collects the data that a mail's text depends on; invalid header values are rejected.
  func claim(
    _ entry: OutboxEntry, to recipient: MailRecipient, in store: Store
  ) throws(RegctlError) -> Claim {
    let account = recipient.account
    let mailbox = try mailbox(of: entry)
    let isSettled = entry.messageID.utf8.contains(UInt8(ascii: "@"))
    let payload = try entry.kind.purpose.flatMap { purpose throws(RegctlError) in
      try store.tokenPayload(
        purpose, for: account.id, email: account.email, resetLink: resetLink(in: entry.kind))
    }
    // Compared as bytes: a link is sent only to the address that it confirms.
    let isForAddress = payload?.email.utf8.elementsEqual(entry.email.utf8) ?? false
    return Claim(
      entry: entry, account: account, mailbox: mailbox,
      messageID: isSettled ? entry.messageID : "\(entry.messageID)@\(composer.senderDomain)",
      payload: isForAddress ? payload : nil, notBefore: recipient.notBefore,
      language: recipient.language)
  }

  /// The kind of link for a new password in a mail. That of an invitation is always regctl's own: the
  /// application's page would set a password and confirm nothing.
  private func resetLink(in kind: MailKind) -> ResetLink {
    kind == .invite ? .bound : signers.resetLink
  }

  /// The claim with its token, if that is one of the application's reset link: it is stored with
  /// the account in the transaction that claims the mail, so that the link counts when it arrives.
  func storingToken(
    of claim: Claim, in store: Store, at now: Instant
  ) throws(RegctlError) -> Claim {
    let kind = claim.entry.kind
    guard let purpose = kind.purpose, signers.areStored(for: purpose, as: resetLink(in: kind)),
      let token = issue(claim, at: now)
    else { return claim }
    try store.storeApplicationReset(token, of: claim.account.id)
    var claim = claim
    claim.token = token
    return claim
  }

  /// When an account that gets a mail now, and does nothing, is pruned; `nil` for never.
  private func deletion(after now: Instant) -> Instant? {
    switch pruneAfter {
    case .finite(let age): now + age
    case .never: nil
    }
  }

  private func unwanted(
    _ entry: OutboxEntry, account: Account, at now: Instant
  ) throws(RegctlError) -> (OutboxEntry.State, String)? {
    if account.isLocked { return (.cancelled, "the account is locked") }
    // Compared as bytes: a token confirms exactly the address it was mailed to.
    let hasAddress = account.email.utf8.elementsEqual(entry.email.utf8)
    switch entry.kind {
    case .confirm where !hasAddress, .reminder where !hasAddress, .reset where !hasAddress,
      .invite where !hasAddress:
      return (.cancelled, "the account has another address")
    case .confirm where account.isConfirmed, .reminder where account.isConfirmed,
      .invite where account.isConfirmed:
      return (.cancelled, "the account was confirmed")
    case .changeEmail where hasAddress:
      return (.cancelled, "the account has this address already")
    case .confirm, .reset, .changeEmail, .changedNotice, .invite, .reminder:
      break
    }
    if entry.kind == .reminder, pruneAfter == .never {
      return (.cancelled, "accounts are not pruned")
    }
    if now > entry.queuedAt + lifetime { return (.expired, "not accepted in time") }
    do throws(RegctlError) {
      _ = try mailbox(of: entry)
    } catch .address(let error) where error.fault == .notASCII {
      return (.failed, "the address needs allow_smtputf8 = yes")
    } catch .mail(.unusableAddress) {
      return (.failed, "the address cannot be mailed to")
    } catch .mail(.foreignMessageID) {
      return (.failed, "the Message-ID is not one that regctl makes")
    }
    if let setting = composer.missingSetting(for: entry.kind) {
      return (.failed, "\(setting) is not set")
    }
    return nil
  }

  /// Where a mail goes; throws if a value of its row is none that regctl would write into a header,
  /// or if libidn2, which the address needs, cannot be loaded.
  private func mailbox(of entry: OutboxEntry) throws(RegctlError) -> String {
    let address: EmailAddress
    do throws(AddressError) {
      address = try EmailAddress(entry.email, rule: .stored, allowsUTF8: allowsUTF8)
    } catch {
      switch error.fault {
      case .library, .notASCII: throw .address(error)
      default: break
      }
      throw .mail(.unusableAddress(entry.id, email: entry.email))
    }
    guard MessageID.isOurs(entry.messageID) else { throw .mail(.foreignMessageID(entry.id)) }
    return address.mailbox
  }

  /// Composes the mail with the claim's token, or one issued now; returns both.
  func compose(_ claim: Claim, at now: Instant) -> (mail: OutgoingMail, token: String) {
    let token = claim.token ?? issue(claim, at: now) ?? ""
    return (compose(claim, token: token, at: now), token)
  }

  private func issue(_ claim: Claim, at now: Instant) -> String? {
    guard let purpose = claim.entry.kind.purpose, let payload = claim.payload else { return nil }
    return signers.issuer(for: purpose, as: resetLink(in: claim.entry.kind)).sign(
      payload, at: max(now.seconds, claim.notBefore))
  }

  /// Composes the mail with a given token.
  func compose(_ claim: Claim, token: String, at now: Instant) -> OutgoingMail {
    let message = composer.compose(
      claim.entry.kind, to: claim.mailbox,
      MailComposer.Content(
        address: claim.entry.email, token: token, language: claim.language,
        deletion: deletion(after: now)),
      messageID: claim.messageID, envelopeID: claim.envelopeID.text, at: now)
    return OutgoingMail(
      entry: claim.entry, recipient: composer.recipient(of: claim.mailbox),
      messageID: claim.messageID, envelopeSender: composer.envelopeSender,
      envelopeID: claim.envelopeID, bytes: message.bytes)
  }
}
