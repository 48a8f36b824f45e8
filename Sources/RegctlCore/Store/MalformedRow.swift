internal import SQL

/// A row with a value that is invalid for its column, as in a damaged or foreign database.
package struct MalformedRow: Equatable, Sendable {
  /// The reason why the value is invalid.
  package enum Fault: Equatable, Sendable {
    /// `NULL` where a value is required.
    case null
    /// A value of another type; both are SQLite's names.
    case type(found: String, expected: String)
    /// An integer that is out of range.
    case range(Int64)
    /// Text that is not one of the allowed words.
    case word
    /// A row that does not come after the previous one: an index disagrees with its table.
    case order
  }

  /// The table, if SQLite reports it.
  package let table: String?

  /// The row ID, or the value in its place.
  package let row: String
  package let column: String
  package let fault: Fault

  /// A row that is out of order in an index.
  init(table: String, outOfOrder number: Int64) {
    self.table = table
    row = String(number)
    column = ""
    fault = .order
  }

  /// The row and the reason: `regctl_outbox row 7: attempts is text and not an integer`.
  package var description: String {
    let place = "\(table.map { "\($0) " } ?? "")row \(row)"
    return switch fault {
    case .null: "\(place): \(column) is NULL"
    case .type(let found, let expected):
      "\(place): \(column) is \(found == "null" ? "NULL" : found) and not \(expected)"
    case .range(let number): "\(place): \(column) is \(number), which is out of range"
    case .word: "\(place): \(column) is not one of the possible values"
    case .order: "\(place) comes out of order: an index does not agree with the table"
    }
  }

  init(_ value: MalformedValue) {
    table = value.table
    column = value.column
    row =
      switch value.key {
      case .integer(let number): String(number)
      case .real(let number): String(number)
      case .text(let text): text
      case .malformedText(let bytes), .blob(let bytes): String(decoding: bytes, as: UTF8.self)
      case .null: "NULL"
      // These are only bound, never read.
      case .boolean, .integers, .texts: ""
      }
    fault =
      switch value.fault {
      case .null: .null
      case .type(let found, let expected): .type(found: found.rawValue, expected: expected.rawValue)
      case .range(let number): .range(number)
      case .word: .word
      }
  }
}
