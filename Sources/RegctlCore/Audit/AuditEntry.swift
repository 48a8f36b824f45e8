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
    /// A person tried the link of an unconfirmed account that had expired.
    case expiredLink = "expired-link"
    case unconfirm
    case resend
    case resendForced = "resend-forced"
    case delete
    case undelete
    case erase
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
    case purge
    case clearBounce = "clear-bounce"
    case retryMail = "retry-mail"
    case cancelMail = "cancel-mail"
    case releaseHeld = "release-held"
    case revokeTokens = "revoke-tokens"
    case grantAdministrator = "grant-admin"
    case revokeAdministrator = "revoke-admin"
    case importAccounts = "import"
    case export
    case restoreDatabase = "restore"
    case rotateKey = "rotate-key"
  }

  package let act: Act
  package let at: Instant
  package let actor: Actor
  package var account: AccountID?
  package var email: String?

  /// The address that the account got by a change of address, or is to get.
  package var newEmail: String?

  /// What regctl itself wrote about the act, which names no person: `purpose confirm`, `run 3`.
  package var detail: String?

  /// The words of the operator; those of the actor unless others are given.
  package var reason: String?

  package init(
    act: Act, at: Instant, actor: Actor, account: AccountID? = nil, email: String? = nil,
    newEmail: String? = nil, detail: String? = nil, reason: String? = nil
  ) {
    self.act = act
    self.at = at
    self.actor = actor
    self.account = account
    self.email = email
    self.newEmail = newEmail
    self.detail = detail
    self.reason = reason ?? actor.reason
  }

  /// An entry about an account.
  package init(
    _ act: Act, on account: Account, at: Instant, by actor: Actor, newEmail: String? = nil,
    detail: String? = nil, reason: String? = nil
  ) {
    self.init(
      act: act, at: at, actor: actor, account: account.id, email: account.email,
      newEmail: newEmail, detail: detail, reason: reason)
  }

  /// Whether the account has another address since this entry.
  var changesEmail: Bool { act == .changeEmail || act == .confirmEmailChange }

  /// The new address and the detail, without the words of the operator; `nil` when there is none.
  package var facts: String? {
    CombinedReason(newEmail: newEmail, detail: detail, reason: nil).text
  }

  /// All that the entry says about the act, in one text; `nil` when that is nothing.
  var words: String? {
    CombinedReason(newEmail: newEmail, detail: detail, reason: reason).text
  }
}
