/// A difference between a `users` table and the original application's that makes it unusable.
package enum UsersTableFault: Equatable, Sendable {
  /// A view or a virtual table instead, for example; the kind is the engine's name.
  case notATable(kind: String)
  /// The table has no rowid, which regctl uses as the account ID.
  case withoutRowID
  case missingColumn(String)
  /// The table has not the column of the language that the mapping names.
  case missingLanguage(String)
  /// The column is generated, so that it cannot be written.
  case generatedColumn(String)
  /// `id` is not an alias of the rowid, so that it may hold any value.
  case identity(type: String)
  /// Accounts have `NULL` in a column that regctl needs.
  case nullValues(column: String, count: Int)
  /// The column's type converts values differently from the original's.
  case type(column: String, type: String)
  /// Several accounts can have the same address.
  case emailNotUnique
  /// The address has a collation that only the application defines.
  case collation(column: String, name: String)
  /// The address has a collation in which different texts can be equal, so that patterns fail.
  case nondeterministicCollation(column: String, name: String)
  /// The column of the ID is not unique, or can be `NULL`.
  case notAKey(column: String)
  /// The table gives new rows no ID.
  case noNumbers(column: String)
  /// Row-level security hides rows from the user.
  case rowSecurity
  /// Accounts have IDs below 1, which regctl uses for deleted accounts.
  case numbersBelowOne(count: Int)

  package var isMissingLanguage: Bool { if case .missingLanguage = self { true } else { false } }
  var isMissingColumn: Bool { if case .missingColumn = self { true } else { false } }
}
