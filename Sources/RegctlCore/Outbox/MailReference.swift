/// A mail as an operator names it.
package enum MailReference: Equatable, Sendable {
  case id(MailID)

  /// The only mail of an account to which an operation applies; the account by its address or
  /// number.
  case account(String)
}
