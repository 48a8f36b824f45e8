/// A row that cannot be copied to another database, because that would not keep it as it is.
package struct CopyRefusal: Error, Equatable, Sendable {
  /// Why a value cannot be copied.
  package enum Reason: Error, Equatable, Sendable {
    /// The text is not valid UTF-8.
    case malformedText
    /// The text contains a NUL byte.
    case zeroByte
    /// The text is not a date without an offset.
    case date(String)
    /// The value is not of the column's type: what it is.
    case type(found: String)
    /// The other database has a different value after it was written.
    case differs
    /// The other database rejects the row.
    case rejected(detail: String)
  }

  package let table: String

  /// The key of the row.
  package let row: String

  /// The column; `nil` where only the row is known.
  package var column: String?
  package let reason: Reason
}
