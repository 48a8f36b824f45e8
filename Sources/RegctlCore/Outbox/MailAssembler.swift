internal import SMTP

/// Decides whether a mail is still wanted, and composes it with a token of the moment.
struct MailAssembler {
  private let composer: MailComposer
  private let signers: [(purpose: TokenPurpose, signer: TokenSigner)]
  private let lifetime: Duration

  init(_ configuration: Configuration, uid: UInt32) throws(RegctlError) {
    composer = try MailComposer(configuration, uid: uid)
    let keys = try configuration.keyRing(uid: uid)
    signers = try TokenPurpose.allCases.map { purpose throws(RegctlError) in
      (purpose, try TokenSigner(keys: keys, salt: configuration.salt(of: purpose)))
    }
    lifetime = configuration.mailLifetime
  }

  /// What is to be done with a mail that is due.
  enum Decision {
    /// It is not to be sent, for a reason.
    case ended(OutboxEntry.State, reason: String)
    case wanted(Claim)
  }

  /// A mail that is wanted, with all that its text depends on.
  struct Claim {
    let entry: OutboxEntry
    let account: Account
    let messageID: String

    /// What the token says; `nil` when there is none for the mail's address.
    let payload: TokenPayload?

    /// Tokens that were issued before this second are revoked.
    let notBefore: Int64
  }

  /// Decides on a mail; call it under the write lock for the answer to hold.
  func decide(
    on entry: OutboxEntry, in store: Store, at now: Instant
  ) throws(RegctlError) -> Decision {
    let account = try store.account(entry.account)
    if let (state, reason) = unwanted(entry, account: account, at: now) {
      return .ended(state, reason: reason)
    }
    guard let account else { preconditionFailure("a mail without an account is unwanted") }
    let claim = try claim(entry, for: account, in: store)
    let hasToken = claim.payload != nil || entry.kind.purpose == nil
    return hasToken ? .wanted(claim) : .ended(.cancelled, reason: "the change is no longer wanted")
  }

  /// Gathers what the text of a mail depends on; what cannot stand in a header is refused.
  func claim(
    _ entry: OutboxEntry, for account: Account, in store: Store
  ) throws(RegctlError) -> Claim {
    if let fault = Self.fault(in: entry) { throw .mail(fault) }
    let isSettled = entry.messageID.utf8.contains(UInt8(ascii: "@"))
    let payload = try entry.kind.purpose.flatMap { purpose throws(RegctlError) in
      try store.tokenPayload(purpose, for: account.id, email: account.email)
    }
    // Byte for byte: a link goes nowhere but to the address that it confirms.
    let isForAddress = payload?.email.utf8.elementsEqual(entry.email.utf8) ?? false
    return Claim(
      entry: entry, account: account,
      messageID: isSettled ? entry.messageID : "\(entry.messageID)@\(composer.senderDomain)",
      payload: isForAddress ? payload : nil,
      notBefore: try store.sideRecord(of: account.id).notBefore ?? 0)
  }

  private func unwanted(
    _ entry: OutboxEntry, account: Account?, at now: Instant
  ) -> (OutboxEntry.State, String)? {
    guard let account else { return (.cancelled, "the account was deleted") }
    // Byte for byte: what the token confirms must be what it was mailed to.
    let hasAddress = account.email.utf8.elementsEqual(entry.email.utf8)
    switch entry.kind {
    case .confirm where !hasAddress, .reset where !hasAddress:
      return (.cancelled, "the account has another address")
    case .confirm where account.isConfirmed:
      return (.cancelled, "the account was confirmed")
    case .changeEmail where hasAddress:
      return (.cancelled, "the account has this address already")
    case .confirm, .reset, .changeEmail, .changedNotice:
      break
    }
    if now > entry.queuedAt + lifetime { return (.expired, "not accepted in time") }
    switch Self.fault(in: entry) {
    case .unusableAddress: return (.failed, "the address cannot be mailed to")
    case .foreignMessageID: return (.failed, "the Message-ID is not one that regctl makes")
    case .notFound, .settled, nil: break
    }
    if let setting = composer.missingSetting(for: entry.kind) {
      return (.failed, "\(setting) is not set")
    }
    return nil
  }

  /// What of a row would make a header that regctl does not make.
  private static func fault(in entry: OutboxEntry) -> MailError? {
    do throws(AddressError) {
      _ = try EmailAddress(entry.email)
    } catch {
      return .unusableAddress(entry.id, email: entry.email)
    }
    return MessageID.isOurs(entry.messageID) ? nil : .foreignMessageID(entry.id)
  }

  /// The mail with a token of this moment, and the token.
  func compose(_ claim: Claim, at now: Instant) -> (mail: OutgoingMail, token: String) {
    let purpose = claim.entry.kind.purpose
    let signer = signers.first { $0.purpose == purpose }?.signer
    let token = claim.payload.flatMap { payload in
      signer?.sign(payload, at: max(now.seconds, claim.notBefore))
    }
    return (compose(claim, token: token ?? "", at: now), token ?? "")
  }

  /// The mail with a given token.
  func compose(_ claim: Claim, token: String, at now: Instant) -> OutgoingMail {
    let message = composer.compose(
      claim.entry.kind, to: claim.entry.email, messageID: claim.messageID, token: token, at: now)
    return OutgoingMail(
      entry: claim.entry, messageID: claim.messageID, envelopeSender: composer.envelopeSender,
      bytes: message.bytes)
  }
}
