/// A value in a row that cannot be what its column is for: SQLite, for one, keeps any value in any
/// column.
package struct MalformedValue: Error, Equatable, Sendable {
  /// What is wrong with it.
  package enum Fault: Equatable, Sendable {
    /// It is `NULL` where there must be a value.
    case null
    /// It is of another type than the column is read as.
    case type(found: Value.Kind, expected: Value.Kind)
    /// An integer beyond what it stands for.
    case range(Int64)
    /// Text that is none of the words that are possible.
    case word
  }

  /// The table, as far as the engine tells.
  package let table: String?
  package let column: String

  /// The value of the row's first column, by which every query of regctl names the row.
  package let key: Value
  package let fault: Fault
}
