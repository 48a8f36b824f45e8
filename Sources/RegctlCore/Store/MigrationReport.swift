/// The changes that `migrate-db` made, or would make.
package struct MigrationReport: Equatable, Sendable {
  package let path: String
  package let from: Int64?
  package let to: Int64
  package let steps: [String]
  package let isUpToDate: Bool
  package let isDryRun: Bool

  /// Groups of accounts whose addresses differ only in case; they are reported, never merged.
  package let duplicates: [String]

  /// Whether the application migrates the database with Alembic.
  package let usesAlembic: Bool

  /// Whether the dates are in a time zone that is not known: the application's, and not configured.
  package let hasUnknownZone: Bool

  /// The statements that gave roles their rights, or would give them.
  package let grants: [String]

  /// The first entry of an older audit that had been changed before the audit was rewritten, and that
  /// is still reported as changed; `nil` if there is none, or the audit was not rewritten.
  package let changedAuditEntry: Int64?

  /// The number of accounts without a password whose `!` is replaced by a hash.
  package let replacedPasswords: Int
}
