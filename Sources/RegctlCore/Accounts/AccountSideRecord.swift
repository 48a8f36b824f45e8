/// The data that regctl itself stores about an account.
struct AccountSideRecord: Equatable {
  /// The whole second in which regctl registered the account; `nil` when the application did.
  let registeredAt: Int64?

  /// Tokens issued before this second are revoked.
  let notBefore: Int64?
}
