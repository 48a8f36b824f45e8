internal import OpenSSL

/// Issues, reads and judges tokens with the configured keys, salts and lifetime.
package struct TokenDesk {
  private let signers: [(purpose: TokenPurpose, signer: TokenSigner)]
  private let maxAge: Duration
  private let zone: LegacyZone?

  /// Reads the keys that the configuration names.
  package init(_ configuration: Configuration, uid: UInt32) throws(RegctlError) {
    let keys = try configuration.keyRing(uid: uid)
    signers = TokenPurpose.allCases.map { purpose in
      (purpose, TokenSigner(keys: keys, salt: configuration.salt(of: purpose)))
    }
    maxAge = configuration.tokenMaxAge
    zone = configuration.legacyZone
  }

  private func signer(for purpose: TokenPurpose) -> TokenSigner {
    guard let (_, signer) = signers.first(where: { $0.purpose == purpose }) else {
      preconditionFailure("every purpose has a signer")
    }
    return signer
  }

  /// The version of the library that signs.
  package static var libraryVersion: String { LibraryVersion.text }

  // MARK: Issuing

  /// A token and whose it is.
  package struct Issued: Sendable {
    package let email: String
    package let token: String
  }

  /// Issues tokens to the accounts of some addresses and writes that down, in one transaction.
  ///
  /// Nothing is written when no address has an account.
  package func issue(
    _ purpose: TokenPurpose, for emails: [String], in store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> [Result<Issued, AccountError>] {
    let signer = signer(for: purpose)
    return try store.transaction { () throws(RegctlError) in
      let bearers = try store.tokenBearers(emails)
      let known = bearers.compactMap {
        if case .success(let bearer) = $0 { bearer.id } else { nil }
      }
      if !known.isEmpty {
        try store.record(AuditEntry(act: .issueToken, at: now, actor: actor), on: known)
      }
      return bearers.map { bearer in
        bearer.map { bearer in
          // A token of the second in which older ones were revoked belongs to the next second.
          let token = signer.sign(bearer.email, at: max(now.seconds, bearer.notBefore))
          return Issued(email: bearer.email, token: token)
        }
      }
    }
  }

  // MARK: Reading

  /// What a token says once its signature is proven, and what was done to read it.
  package struct Reading: Equatable, Sendable {
    package let purpose: TokenPurpose
    package let email: String
    package let issued: Instant
    package let expires: Instant
    package let keyPosition: Int
    package let repairs: [TokenText.Repair]
  }

  /// Reads a token of any purpose: as it stands if some key has signed that, else repaired.
  package func read(_ text: TokenText) throws(TokenError) -> Reading {
    do throws(TokenError) {
      return try read(text.raw, repairs: [])
    } catch {
      guard text.repaired != text.raw else { throw error }
      return try read(text.repaired, repairs: text.repairs)
    }
  }

  private func read(
    _ token: [UInt8], repairs: [TokenText.Repair]
  ) throws(TokenError) -> Reading {
    var fault = TokenError.invalid(.signature)
    for (purpose, signer) in signers {
      do throws(TokenError) {
        let signed = try signer.verify(token)
        let issued = Instant(seconds: signed.issued)
        return Reading(
          purpose: purpose, email: signed.email, issued: issued, expires: issued + maxAge,
          keyPosition: signed.keyPosition, repairs: repairs)
      } catch {
        // The first purpose speaks for all, unless a later one knows the signature.
        if case .invalid(.payload) = error { throw error }
        if purpose == signers[0].purpose { fault = error }
      }
    }
    throw fault
  }

  // MARK: Judging

  /// What a genuine token would do now.
  package enum Verdict: Equatable, Sendable {
    case confirms(Account)
    case alreadyConfirmed(Account)
    case refused(RegctlError, Account?)
  }

  /// Judges a token: purpose, account, already confirmed, revoked or too old for it, expiry.
  ///
  /// The order matters: whoever has a genuine but expired link of a confirmed account learns that
  /// all is well, and whoever forges one learns nothing.
  package func judge(
    _ reading: Reading, in store: Store, at now: Instant
  ) throws(RegctlError) -> Verdict {
    guard reading.purpose == .confirm else {
      return .refused(.token(.purpose(reading.purpose, expected: .confirm)), nil)
    }
    let account: Account
    do throws(RegctlError) {
      account = try store.account(reading.email)
    } catch .account(let absence) {
      return .refused(.account(absence), nil)
    }
    if account.isConfirmed { return .alreadyConfirmed(account) }
    let memory = try store.memory(of: account.id)
    let issued = reading.issued.seconds
    if let notBefore = memory.notBefore, issued < notBefore {
      return .refused(.token(.revoked(email: account.email)), account)
    }
    let registeredAt: Int64?
    if let recorded = memory.registeredAt {
      registeredAt = recorded
    } else {
      registeredAt = try legacyRegistration(of: account.id, in: store)
    }
    if let registeredAt, issued < registeredAt {
      return .refused(.token(.predatesAccount(email: account.email)), account)
    }
    let age = now.seconds - issued
    if age < 0 { return .refused(.token(.inFuture(seconds: -age)), account) }
    if age > maxAge.wholeSeconds {
      let expired = TokenError.expired(
        email: account.email, issued: reading.issued, expired: reading.expires)
      return .refused(.token(expired), account)
    }
    return .confirms(account)
  }

  /// The whole second in which the application registered an account, as far as its zone is known;
  /// the earlier one where local time came twice.
  private func legacyRegistration(
    of id: AccountID, in store: Store
  ) throws(RegctlError) -> Int64? {
    guard let zone, let stored = try store.storedRegistration(of: id),
      let (instant, hasOffset) = Instant.parse(stored)
    else { return nil }
    return (hasOffset ? instant : zone.moments(ofLocal: instant).lowerBound).seconds
  }
}
