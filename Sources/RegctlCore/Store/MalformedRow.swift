internal import SQL

/// A row whose value cannot be what its column is for, which a damaged or foreign database may hold.
package struct MalformedRow: Equatable, Sendable {
  /// What is wrong with the value.
  package enum Fault: Equatable, Sendable {
    /// It is `NULL` where there must be a value.
    case null
    /// It is of another type; both in SQLite's names.
    case type(found: String, expected: String)
    /// An integer beyond what it stands for.
    case range(Int64)
    /// Text that is none of the words that are possible.
    case word
    /// The row does not come after the one before: an index does not agree with its table.
    case order
  }

  /// The table, where SQLite tells.
  package let table: String?

  /// The number of the row, or what stands in the place of one.
  package let row: String
  package let column: String
  package let fault: Fault

  /// A row that does not come where an index has it.
  init(table: String, outOfOrder number: Int64) {
    self.table = table
    row = String(number)
    column = ""
    fault = .order
  }

  /// The row and what is wrong with it: `regctl_outbox row 7: attempts is text and not an integer`.
  package var description: String {
    let place = "\(table.map { "\($0) " } ?? "")row \(row)"
    return switch fault {
    case .null: "\(place): \(column) is NULL"
    case .type(let found, let expected):
      "\(place): \(column) is \(found == "null" ? "NULL" : found) and not \(expected)"
    case .range(let number): "\(place): \(column) is \(number), which is out of range"
    case .word: "\(place): \(column) is none of the words that are possible"
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
      // These are bound and not read.
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
