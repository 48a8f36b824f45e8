/// What was copied to another database, and what was not.
package struct CopyReport: Equatable, Sendable {
  /// A difference of the new table of accounts from the old one.
  package enum Change: Equatable, Sendable {
    /// The default of a column is not copied.
    case `default`(column: String)
    /// A type that only a server has, whose values are texts now.
    case type(column: String, String)
  }

  /// The number of rows by table.
  let rows: [String: Int]

  /// The name of the application's table.
  let table: String

  package let changes: [Change]

  /// The application's tables that regctl does not know, which were not copied.
  package let furtherTables: [String]

  package var accounts: Int { rows[table] ?? 0 }
  package var mails: Int { rows[Schema.outbox.name] ?? 0 }
  package var auditEntries: Int { rows[Schema.audit.name] ?? 0 }
  package var archived: Int { rows[Store.archiveName] ?? 0 }
}
