internal import SQL
internal import System

/// A database error, as far as regctl distinguishes them.
package enum StoreError: Error, Equatable, Sendable {
  case missing(path: String)
  case exists(path: String)
  /// A database of a server has a table of accounts, or a schema of regctl's name.
  case taken(server: String)
  /// A new account would get the number of another one.
  case lateSequence(LateSequence)
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
  /// A server cannot be reached, or does not answer while a connection is made.
  case unreachable(server: String, detail: String)
  /// A server does not let the user in, or has no such database.
  case refused(server: String, detail: String)
  /// The connection to the server was lost, or it does not answer.
  case connectionLost(detail: String)
  /// The connection was lost during the commit, and it could not be found out whether the changes
  /// were made; or they are not as durable as they should be.
  case commitUnknown(detail: String)
  /// The user of the server has no right to do this.
  case forbidden(detail: String)
  /// The server has no role of that name.
  case roleMissing(String)
  /// The database is a file, for which there are no roles.
  case noRoles(path: String)
  /// A server of another product, or a version that is too old.
  case unsupportedServer(String, product: String)
  /// A host whose certificate would not be verified.
  case unverifiedHost(String)
  /// The library of a server's client cannot be loaded; the Debian package contains it.
  case libraryMissing(package: String, detail: String)
  /// A row cannot be copied to another database as it is.
  case notCopied(CopyRefusal)
  /// A database with an older schema than a copy to another engine needs.
  case schemaOutdated(path: String)
  /// Both databases of a move are files.
  case bothFiles(String, String)
  /// A damaged file, whose content cannot be replaced in a transaction.
  case irreplaceable(path: String)
  /// A log or a journal without its database, which would be played back into a new one.
  case orphanedLog(path: String)
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
      // It is worth trying again, as after a lock of another process.
      case .conflict: .busy
      case .duplicate(_, let detail): .constraint(detail: detail)
      case .libraryMissing(let package, let detail):
        .libraryMissing(package: package, detail: detail)
      case .unavailable(let detail): .connectionLost(detail: detail)
      case .refused(let detail): .refused(server: "", detail: detail)
      case .forbidden(let detail): .forbidden(detail: detail)
      case .commitUnknown(let detail): .commitUnknown(detail: detail)
      case .unexpected(let code, let detail): .unexpected(code: code, detail: detail)
      }
  }
  /// Whether the connection cannot be used again.
  var endsConnection: Bool {
    switch self {
    case .connectionLost, .commitUnknown: true
    default: false
    }
  }

  /// Translates an error in connecting to a server.
  static func cannotConnect(to server: String, _ error: DatabaseError) -> StoreError {
    switch error {
    case .unavailable(let detail): .unreachable(server: server, detail: detail)
    case .refused(let detail), .forbidden(let detail): .refused(server: server, detail: detail)
    default: StoreError(error)
    }
  }
}
