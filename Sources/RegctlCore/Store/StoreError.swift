internal import SQL
internal import System

/// A database error, as far as regctl distinguishes them.
package enum StoreError: Error, Equatable, Sendable {
  case missing(path: String)
  case exists(path: String)
  /// Another process held the lock for longer than the busy timeout.
  case busy
  case corrupt(detail: String)
  /// A row has an invalid value.
  case malformed(MalformedRow)
  /// A table accepted a change without an error but did not make it, as a trigger can cause.
  case ignored(table: String, triggers: [String])
  case full
  case readOnly(ReadOnlyRefusal)
  /// A `users` table with constraints that the original's does not have.
  case constraint(detail: String)
  case notADatabase(path: String)
  case schemaTooNew(found: Int64, supported: Int64)
  /// A database without regctl's tables; `hasUsers` is whether it has an application's table.
  case schemaMissing(path: String, table: String, hasUsers: Bool)
  /// The application's table has other names; this mapping seems to be right.
  case mappingProposed(path: String, UsersMapping)
  /// The application's table lacks a column that the command needs.
  case columnMissing(UsersMapping.Column, table: String)
  /// Indexes, triggers or tables of the schema that another program removed or replaced.
  case objectsMissing([String])
  /// Something that another program created has the name of an object of the schema.
  case foreignObject(String)
  /// A `users` table that differs from the original application's.
  case foreignUsersTable(path: String, faults: [UsersTableFault])
  /// A table or column of the schema is missing or has a different type than before.
  case schemaChanged(detail: String)
  /// Accounts whose addresses differ only in case prevent a unique index.
  case duplicateAddresses([String])
  /// An audit entry was changed after it was written, or an earlier one is missing.
  case auditChanged(number: Int64)
  /// No audit entry has the given hash.
  case auditHashMissing(String)
  case inputOutput(detail: String)
  /// An error that only a bug in regctl can cause; `code` names the engine and its code for it.
  case unexpected(code: String, detail: String)

  /// Translates a database error.
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
      // A file has no server; these have no errors of their own before a store opens one.
      case .conflict: .busy
      case .duplicate(_, let detail): .constraint(detail: detail)
      case .libraryMissing(_, let detail), .unavailable(let detail), .refused(let detail),
        .forbidden(let detail), .commitUnknown(let detail):
        .inputOutput(detail: detail)
      case .unexpected(let code, let detail): .unexpected(code: code, detail: detail)
      }
  }
}
