/// How a `users` table differs from that of the original application in a way that regctl cannot work
/// with.
package enum UsersTableFault: Equatable, Sendable {
  /// It is something else: a view or a virtual table, in SQLite's words.
  case notATable(kind: String)
  /// It has no rowid, which numbers accounts.
  case withoutRowID
  case missingColumn(String)
  /// SQLite computes the column, so that it cannot be written.
  case generatedColumn(String)
  /// `id` is not SQLite's own number of the row, so that any value may stand in it.
  case identity(type: String)
  /// Accounts have `NULL` in a column that regctl needs.
  case nullValues(column: String, count: Int)
  /// The type of the column keeps other values than the original's.
  case type(column: String, type: String)
  /// Several accounts may have one address.
  case emailNotUnique
  /// The address is compared by a function that only the application has.
  case collation(column: String, name: String)
  /// Accounts have numbers below 1, by which regctl keeps those that are deleted.
  case numbersBelowOne(count: Int)
}
