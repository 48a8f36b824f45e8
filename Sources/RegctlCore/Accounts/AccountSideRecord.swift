/// The data that regctl stores about an account.
struct AccountSideRecord: Equatable {
  /// When regctl registered the account, in whole seconds; `nil` when the application did.
  let registeredAt: Int64?

  /// Tokens issued before this second are revoked.
  let notBefore: Int64?
}
