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
    byPurpose = try configuration.salts(uid: uid).map { salt throws(RegctlError) in
      let signer = try TokenSigner(keys: keys, salt: salt.text, epoch: configuration.tokenEpoch)
      return (salt.purpose, signer)
    }
  }

  /// Whether tokens for a purpose are the application's reset links, which are confirmation tokens
  /// and count only while they are stored with the account.
  func areStored(for purpose: TokenPurpose) -> Bool { areStored(for: purpose, as: resetLink) }

  /// The same, with a kind of link for a new password.
  func areStored(for purpose: TokenPurpose, as link: ResetLink) -> Bool {
    purpose == .reset && link == .application
  }

  /// The signer that issues tokens for a purpose.
  func issuer(for purpose: TokenPurpose, as link: ResetLink? = nil) -> TokenSigner {
    let signing = areStored(for: purpose, as: link ?? resetLink) ? TokenPurpose.confirm : purpose
    guard let (_, signer) = byPurpose.first(where: { $0.purpose == signing }) else {
      preconditionFailure("every purpose has a signer")
    }
    return signer
  }
}
