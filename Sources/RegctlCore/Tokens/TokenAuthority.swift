internal import Base
internal import OpenSSL

/// Issues, reads and verifies tokens with the configured keys, salts and lifetime.
package struct TokenAuthority {
  private let signers: TokenSigners
  private let maxAge: Duration
  private let epoch: TokenEpoch
  private let zone: DatabaseZone?
  private let configuration: Configuration

  /// Reads the configured keys.
  package init(_ configuration: Configuration, uid: UInt32) throws(RegctlError) {
    signers = try TokenSigners(configuration, uid: uid)
    maxAge = configuration.tokenMaxAge
    epoch = configuration.tokenEpoch
    zone = configuration.databaseZone
    self.configuration = configuration
  }

  // MARK: Issuing

  /// A token and its account.
  package struct Issued: Sendable {
    package let email: String
    package let token: String
  }

  /// Issues tokens for the accounts of some addresses and records that, in one transaction.
  ///
  /// Nothing is recorded when no address has an account. Tokens of the application's reset links
  /// are stored with the accounts.
  package func issue(
    _ purpose: TokenPurpose, for emails: [String], in store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> [Result<Issued, AccountError>] {
    let signer = signers.issuer(for: purpose)
    let areStored = signers.areStored(for: purpose)
    if areStored { try store.requireApplicationResets(configuration) }
    return try store.transaction { () throws(RegctlError) in
      var known: [AccountID] = []
      let bearers = try store.tokenBearers(emails)
      let locked = try store.locked(
        among: bearers.compactMap { found in
          if case .success(let bearer) = found { (bearer.id, bearer.email) } else { nil }
        })
      let issued = try bearers.map { found throws(RegctlError) in
        let bearer: Store.TokenBearer
        switch found {
        case .success(let one): bearer = one
        case .failure(let error): return Result<Issued, AccountError>.failure(error)
        }
        if locked.contains(bearer.id), let account = try store.account(bearer.id),
          let lock = try store.lock(of: account)
        {
          return .failure(.locked(account.email, lock))
        }
        let payload = try store.tokenPayload(
          purpose, for: bearer.id, email: bearer.email, resetLink: signers.resetLink)
        guard let payload else { return .failure(.noEmailChange(email: bearer.email)) }
        known.append(bearer.id)
        // If older tokens were revoked in this second, the new one is dated to the next second.
        let token = signer.sign(payload, at: max(now.seconds, bearer.notBefore))
        if areStored { try store.storeApplicationReset(token, of: bearer.id) }
        return .success(Issued(email: payload.email, token: token))
      }
      try Self.record(purpose, for: known, in: store, at: now, by: actor)
      return issued
    }
  }

  /// Records that tokens were issued: with the address where there is one account.
  private static func record(
    _ purpose: TokenPurpose, for accounts: [AccountID], in store: Store, at now: Instant,
    by actor: Actor
  ) throws(RegctlError) {
    guard let first = accounts.first else { return }
    let detail = "purpose \(purpose.rawValue)"
    if accounts.count == 1, let account = try store.account(first) {
      try store.record(
        AuditEntry(.issueToken, on: account, at: now, by: actor, detail: detail))
    } else {
      try store.record(
        AuditEntry(act: .issueToken, at: now, actor: actor, detail: detail), on: accounts)
    }
  }

  // MARK: Reading

  /// The content of a token with a valid signature, and the repairs made to read it.
  package struct Reading: Equatable, Sendable {
    package let purpose: TokenPurpose
    package let email: String

    /// The condition under which the token is valid; see `TokenPayload`.
    let binding: String?
    package let issued: Instant
    package let expires: Instant
    package let keyPosition: Int
    package let repairs: [TokenText.Repair]

    /// The epoch of the timestamp, if it is not the configured one.
    let otherEpoch: TokenEpoch?
  }

  /// Reads a token of any purpose: unchanged if a key signed that, otherwise repaired.
  package func read(_ text: TokenText, at now: Instant) throws(TokenError) -> Reading {
    do throws(TokenError) {
      return try read(text.raw, repairs: [], at: now)
    } catch {
      guard text.repaired != text.raw else { throw error }
      return try read(text.repaired, repairs: text.repairs, at: now)
    }
  }

  private func read(
    _ token: [UInt8], repairs: [TokenText.Repair], at now: Instant
  ) throws(TokenError) -> Reading {
    var fault = TokenError.invalid(.signature)
    for (purpose, signer) in signers.byPurpose {
      do throws(TokenError) {
        let signed = try signer.verify(token)
        let timestamp = signed.issued - epoch.seconds
        let recognized = epoch.recognized(in: timestamp, at: now)
        let issued = Instant(seconds: timestamp + recognized.seconds)
        return Reading(
          purpose: purpose, email: signed.email, binding: signed.payload.binding, issued: issued,
          expires: issued + maxAge,
          keyPosition: signed.keyPosition, repairs: repairs,
          otherEpoch: recognized == epoch ? nil : recognized)
      } catch {
        // The first purpose's error is used, unless a later one recognises the signature.
        if case .invalid(.payload) = error { throw error }
        if purpose == .confirm { fault = error }
      }
    }
    throw fault
  }

  // MARK: Verification

  /// The result that `confirm` would have for a genuine token now.
  package enum Verdict: Equatable, Sendable {
    case confirms(Account)
    case alreadyConfirmed(Account)
    case changesEmail(Account, EmailChange)
    case refused(RegctlError, Account?)
  }

  /// Verifies a token that confirms an address: that of an account, or its new one.
  package func judge(
    _ reading: Reading, in store: Store, at now: Instant
  ) throws(RegctlError) -> Verdict {
    switch reading.purpose {
    case .confirm: try judgeConfirmation(reading, in: store, at: now)
    case .changeEmail: try judgeChange(reading, in: store, at: now)
    case .reset:
      .refused(
        .token(.purpose(.reset, expected: .confirm)), try accountIfUnmistakable(reading, in: store))
    }
  }

  /// Verifies a confirmation: account, locked, already confirmed, revoked or older than it, expiry.
  ///
  /// The order matters: a genuine but expired link of a confirmed account is answered with
  /// success, and a forged link reveals nothing.
  private func judgeConfirmation(
    _ reading: Reading, in store: Store, at now: Instant
  ) throws(RegctlError) -> Verdict {
    guard reading.binding == nil else { return .refused(.token(.invalid(.payload)), nil) }
    let account: Account
    do throws(RegctlError) {
      account = try store.account(reading.email)
    } catch .account(let absence) {
      return .refused(.account(absence), nil)
    }
    if let lock = try lock(of: account, in: store) { return .refused(lock, account) }
    if account.isConfirmed { return .alreadyConfirmed(account) }
    if let fault = try fault(in: reading, of: account, store, at: now) {
      return .refused(.token(fault), account)
    }
    return .confirms(account)
  }

  /// Verifies a change of address: request, already confirmed, account, superseded, expiry.
  private func judgeChange(
    _ reading: Reading, in store: Store, at now: Instant
  ) throws(RegctlError) -> Verdict {
    guard let request = reading.binding.flatMap(Int64.init) else {
      return .refused(.token(.invalid(.unbound)), nil)
    }
    // Compared as bytes: a token confirms exactly the address it was mailed to.
    guard let change = try store.emailChange(request),
      change.newEmail.utf8.elementsEqual(reading.email.utf8)
    else { return .refused(.account(.notFound(reading.email)), nil) }
    guard let account = try store.account(change.account) else {
      return .refused(.account(.notFound(change.oldEmail)), nil)
    }
    if let lock = try lock(of: account, in: store) { return .refused(lock, account) }
    let hasNewEmail = account.email.utf8.elementsEqual(change.newEmail.utf8)
    if change.isConfirmed, hasNewEmail, account.isConfirmed { return .alreadyConfirmed(account) }
    let isWaiting = try store.waitingEmailChange(of: account) == change
    if !isWaiting {
      return .refused(.token(.revoked(email: account.email, purpose: .changeEmail)), account)
    }
    if let fault = try fault(in: reading, of: account, store, at: now) {
      return .refused(.token(fault), account)
    }
    do throws(RegctlError) {
      try store.requireFree(change.newEmail, for: account)
    } catch .account(let taken) {
      return .refused(.account(taken), account)
    }
    return .changesEmail(account, change)
  }

  private func lock(of account: Account, in store: Store) throws(RegctlError) -> RegctlError? {
    guard account.isLocked else { return nil }
    return try store.lock(of: account).map { .account(.locked(account.email, $0)) }
  }

  private func accountIfUnmistakable(
    _ reading: Reading, in store: Store
  ) throws(RegctlError) -> Account? {
    do throws(RegctlError) {
      return try store.accountIfAny(reading.email)
    } catch .account {
      return nil
    }
  }

  /// The account whose password a genuine token may replace now.
  ///
  /// With the application's reset links, a confirmation token is accepted under the application's
  /// own condition: that a reset is pending.
  package func judgeReset(
    _ reading: Reading, in store: Store, at now: Instant
  ) throws(RegctlError) -> Account {
    let mayBeApplicationLink = reading.purpose == .confirm && signers.resetLink == .application
    guard reading.purpose == .reset || mayBeApplicationLink else {
      throw .token(.purpose(reading.purpose, expected: .reset))
    }
    // Where both purposes have one salt, the bound token of an invitation is read as a confirmation.
    guard reading.binding != nil || mayBeApplicationLink else {
      throw .token(.invalid(.unbound))
    }
    let account = try store.account(reading.email)
    guard account.email.utf8.elementsEqual(reading.email.utf8) else {
      throw .token(.revoked(email: account.email, purpose: .reset))
    }
    try store.requireUnlocked(account)
    if let fingerprint = reading.binding {
      guard try store.isBound(fingerprint, to: account.id) else {
        throw .token(.used(email: account.email))
      }
    } else {
      try store.requireApplicationResets(configuration)
      guard try store.hasApplicationReset(of: account.id) else {
        throw .token(.noResetPending(email: account.email))
      }
    }
    if let fault = try fault(in: reading, for: .reset, of: account, store, at: now) {
      throw .token(fault)
    }
    return account
  }

  /// Whether `judgeReset` would accept a genuine token now.
  package func resetsPassword(
    _ reading: Reading, in store: Store, at now: Instant
  ) throws(RegctlError) -> Bool {
    do throws(RegctlError) {
      _ = try judgeReset(reading, in: store, at: now)
      return true
    } catch .token {
      return false
    } catch .account {
      return false
    }
  }

  /// The reason why a genuine token of an account is not valid now, or `nil`.
  private func fault(
    in reading: Reading, for purpose: TokenPurpose? = nil, of account: Account, _ store: Store,
    at now: Instant
  ) throws(RegctlError) -> TokenError? {
    let purpose = purpose ?? reading.purpose
    if let epoch = reading.otherEpoch { return .otherEpoch(epoch) }
    let record = try store.sideRecord(of: account.id)
    let issued = reading.issued.seconds
    if let notBefore = record.notBefore, issued < notBefore {
      return .revoked(email: account.email, purpose: purpose)
    }
    let registeredAt: Int64?
    if let recorded = record.registeredAt {
      registeredAt = recorded
    } else {
      // An account that the application registered again is younger than the deleted one.
      registeredAt = max(
        try applicationRegistration(of: account.id, in: store) ?? .min,
        try store.lastDeletion(of: account.email) ?? .min)
    }
    if let registeredAt, issued < registeredAt {
      return .predatesAccount(email: account.email)
    }
    let age = now.seconds - issued
    if age < 0 { return .inFuture(seconds: -age) }
    if age > maxAge.wholeSeconds {
      return .expired(
        email: account.email, issued: reading.issued, expired: reading.expires, purpose: purpose)
    }
    return nil
  }

  /// The whole second in which the application registered an account, if the zone is configured; the
  /// earlier one of an ambiguous local time.
  private func applicationRegistration(
    of id: AccountID, in store: Store
  ) throws(RegctlError) -> Int64? {
    guard let zone, let stored = try store.storedRegistration(of: id),
      let timestamp = Timestamp(stored)
    else { return nil }
    let instant = Instant(timestamp)
    return (timestamp.offset == nil ? zone.moments(ofLocal: instant).lowerBound : instant).seconds
  }
}
