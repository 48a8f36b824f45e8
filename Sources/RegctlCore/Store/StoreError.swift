internal import SQL
internal import System

/// What the database refused, as far as regctl tells failures apart.
package enum StoreError: Error, Equatable, Sendable {
  case missing(path: String)
  case exists(path: String)
  /// Another process held the lock for longer than the busy timeout.
  case busy
  case corrupt(detail: String)
  /// A row holds what it cannot.
  case malformed(MalformedRow)
  /// A table took a change without an error and did not make it, as its triggers may have it.
  case ignored(table: String, triggers: [String])
  case full
  case readOnly(ReadOnlyRefusal)
  /// A `users` table with demands that the original's does not have.
  case constraint(detail: String)
  case notADatabase(path: String)
  case schemaTooNew(found: Int64, supported: Int64)
  /// A database without the tables of regctl; `hasUsers` tells whether it is an application's.
  case schemaMissing(path: String, hasUsers: Bool)
  /// A `users` table that is not as the original application makes it.
  case foreignUsersTable(path: String, faults: [UsersTableFault])
  /// A table or column of the schema is missing, or of another kind than it was.
  case schemaChanged(detail: String)
  /// Accounts whose addresses differ in case only stand in the way of a unique index.
  case duplicateAddresses([String])
  /// An act of the audit is not what was written, or one before it is gone.
  case auditChanged(number: Int64)
  /// No audit entry has the hash that was given.
  case auditHashMissing(String)
  case inputOutput(detail: String)
  /// What only a bug in regctl can cause.
  case unexpected(code: Int32, detail: String)

  /// Names a failure of the database.
  init(_ error: DatabaseError) {
    self =
      switch error {
      case .busy: .busy
      case .full: .full
      case .readOnly(let cause, let detail): .readOnly(ReadOnlyRefusal(cause, detail))
      case .constraint(let detail): .constraint(detail: detail)
      case .ignored(let table): .ignored(table: table, triggers: [])
      case .malformed(let value): .malformed(MalformedRow(value))
      case .corrupt(let detail): .corrupt(detail: detail)
      case .notADatabase: .notADatabase(path: "")
      case .schemaChanged(let detail): .schemaChanged(detail: detail)
      case .cannotOpen(let detail), .inputOutput(let detail): .inputOutput(detail: detail)
      case .unexpected(let code, let detail): .unexpected(code: code, detail: detail)
      }
  }
}
