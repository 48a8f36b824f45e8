/// An audit entry: an action of an operator.
package struct AuditEntry: Equatable, Sendable {
  /// The kinds of audit entries, by the names they are stored under.
  package enum Act: String, CaseIterable, Sendable {
    case createDatabase = "create-db"
    case migrateDatabase = "migrate-db"
    case createAdministrator = "create-admin"
    case register
    case issueToken = "issue-token"
    case confirmByToken = "confirm"
    case confirmByOperator = "confirm-by-operator"
    case unconfirm
    case resend
    case resendForced = "resend-forced"
    case delete
    case undelete
    case lock
    case unlock
    case setPassword = "set-password"
    case changeEmail = "change-email"
    case requestEmailChange = "request-email-change"
    case confirmEmailChange = "confirm-email-change"
    case requestReset = "request-reset"
    case resetPassword = "reset-password"
    case prune
    case unprune
    case retryMail = "retry-mail"
    case cancelMail = "cancel-mail"
    case revokeTokens = "revoke-tokens"
    case grantAdministrator = "grant-admin"
    case revokeAdministrator = "revoke-admin"
    case importAccounts = "import"
    case restoreDatabase = "restore"
  }

  package let act: Act
  package let at: Instant
  package let actor: Actor
  package var account: AccountID?
  package var email: String?
  package var reason: String?

  package init(
    act: Act, at: Instant, actor: Actor, account: AccountID? = nil, email: String? = nil,
    reason: String? = nil
  ) {
    self.act = act
    self.at = at
    self.actor = actor
    self.account = account
    self.email = email
    self.reason = reason
  }

  /// An entry about an account.
  package init(
    _ act: Act, on account: Account, at: Instant, by actor: Actor, reason: String? = nil
  ) {
    self.init(
      act: act, at: at, actor: actor, account: account.id, email: account.email, reason: reason)
  }

  /// The address that the account got by this entry; `nil` if it was not a change of address.
  ///
  /// The reason begins with it: `to ADDRESS`, or `to ADDRESS: REASON`.
  var newEmail: String? {
    guard act == .changeEmail || act == .confirmEmailChange, let reason,
      reason.utf8.starts(with: "to ".utf8)
    else { return nil }
    // An address contains no blank.
    let address = reason.utf8.dropFirst(3).prefix { $0 != UInt8(ascii: " ") }
    let isFollowed = address.endIndex < reason.utf8.endIndex
    return String(decoding: isFollowed ? address.dropLast() : address, as: UTF8.self)
  }
}
