/// The deletion of an account by an operator, as the audit has it.
package struct Deletion: Equatable, Sendable {
  /// The number of the audit entry. The negative number is that of the archived account's run, where
  /// pruned accounts have the number of theirs.
  let entry: Int64

  /// The ID that the account had.
  package let account: AccountID
  package let email: String
  package let at: Instant

  /// The name of the operator.
  package let actor: String
  package let reason: String?

  /// Whether the archive has the account, so that it can be restored.
  package let isArchived: Bool

  init(
    entry: Int64, account: AccountID, email: String, at: Instant, actor: String, reason: String?,
    isArchived: Bool
  ) {
    self.entry = entry
    self.account = account
    self.email = email
    self.at = at
    self.actor = actor
    self.reason = reason
    self.isArchived = isArchived
  }

  /// The run under which the archive has the account of a deletion.
  static func run(ofEntry entry: Int64) -> Int64 { -entry }

  /// The run under which the archive has the account.
  var run: Int64 { Self.run(ofEntry: entry) }
}
