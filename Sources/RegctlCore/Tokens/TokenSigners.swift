/// The signers of all purposes, with the configured keys and salts.
struct TokenSigners {
  /// The signer of each purpose, in the order in which a token is tried.
  let byPurpose: [(purpose: TokenPurpose, signer: TokenSigner)]

  /// The kind of link for a new password.
  let resetLink: ResetLink

  /// Reads the configured keys.
  init(_ configuration: Configuration, uid: UInt32) throws(RegctlError) {
    let keys = try configuration.keyRing(uid: uid)
    resetLink = configuration.resetLink
    byPurpose = try TokenPurpose.allCases.map { purpose throws(RegctlError) in
      (
        purpose,
        try TokenSigner(
          keys: keys, salt: configuration.salt(of: purpose), epoch: configuration.tokenEpoch)
      )
    }
  }

  /// Whether tokens for a purpose are the application's reset links, which are confirmation tokens
  /// and count only while they are stored with the account.
  func areStored(for purpose: TokenPurpose) -> Bool {
    purpose == .reset && resetLink == .application
  }

  /// The signer that issues tokens for a purpose.
  func issuer(for purpose: TokenPurpose) -> TokenSigner {
    let signing = areStored(for: purpose) ? TokenPurpose.confirm : purpose
    guard let (_, signer) = byPurpose.first(where: { $0.purpose == signing }) else {
      preconditionFailure("every purpose has a signer")
    }
    return signer
  }
}
