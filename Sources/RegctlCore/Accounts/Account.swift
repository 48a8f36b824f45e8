/// The ID of an account: `users.id`.
package struct AccountID: RawRepresentable, Hashable, Sendable {
  package let rawValue: Int64
  package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// A row of the web application's `users` table, without its password.
package struct Account: Equatable, Sendable {
  package let id: AccountID

  /// The address as stored; mail is sent only to it.
  package let email: String
  package let isAdmin: Bool
  package let isConfirmed: Bool

  /// When the account was created; `nil` when the table holds an invalid date.
  package let registeredOn: AccountDate?
  package let confirmedOn: AccountDate?

  /// Whether an operator locked the account, or its domain.
  package var isLocked = false
}

/// The state of an account, or its absence, does not allow the operation.
package enum AccountError: Error, Equatable, Sendable {
  case notFound(String)
  /// No account has the address, but addresses that resemble it were found.
  case notFoundButSimilar(String, [SimilarAddress])
  /// A prune run removed the account; the run can be undone.
  case pruned(email: String, run: Int64)
  /// An operator deleted the account.
  case deleted(Deletion)
  /// The account to restore is not in the archive: it was not deleted.
  case notDeleted(email: String)
  /// An account has the address of a deleted one, which had this ID.
  case addressTaken(email: String, deleted: AccountID)
  /// An account has the ID of a deleted one with this address.
  case numberTaken(AccountID, holder: String, email: String)
  /// Several accounts match the address ignoring case, and none matches exactly.
  case ambiguous(String, count: Int)
  case alreadyRegistered(email: String, isConfirmed: Bool)
  case notConfirmed(email: String)
  case wrongPassword
  /// An operator locked the account with an address, or its domain.
  case locked(String, Lock)
  /// A line of `deny_domains_file` denies the address.
  case domainDenied(String, DeniedDomain)
  case lastAdministrator(email: String)
  /// The reason for erasing a person contains an address of that person, and would stay.
  case reasonNamesPerson
  /// No change of address is pending.
  case noEmailChange(email: String)
  case resendTooSoon(email: String, next: Instant)
  case resendLimit(email: String, perDay: Int)
  /// Mail to the address was not delivered, and further mail would not be.
  case bounced(email: String, BounceRecord)
}
