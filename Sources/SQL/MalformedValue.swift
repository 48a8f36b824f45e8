/// A value that is invalid for its column: SQLite, for example, stores any value in any column.
package struct MalformedValue: Error, Equatable, Sendable {
  /// The reason why the value is invalid.
  package enum Fault: Equatable, Sendable {
    /// `NULL` where a value is required.
    case null
    /// The type differs from the one the column is read as.
    case type(found: Value.Kind, expected: Value.Kind)
    /// An integer that is out of range.
    case range(Int64)
    /// Text that is not one of the allowed words.
    case word
  }

  /// The table, if the engine reports it.
  package let table: String?
  package let column: String

  /// The value of the row's first column, which identifies the row in every query of regctl.
  package let key: Value
  package let fault: Fault
}
