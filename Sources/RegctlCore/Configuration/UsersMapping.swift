/// What an application calls its table of accounts and the columns that regctl reads and writes.
package struct UsersMapping: Equatable, Sendable {
  /// A column of the original application's table.
  package enum Column: String, CaseIterable, Sendable {
    case id, email, password
    case registeredOn = "registered_on"
    case admin, confirmed
    case confirmedOn = "confirmed_on"
  }

  /// How the table says that an account is confirmed.
  package enum Confirmation: Sendable {
    case flagAndDate, flag
    /// An account is confirmed when it has a date of confirmation.
    case date
  }

  /// The name of the table.
  package let table: String

  /// The columns that have another name, or that the table does not have (`nil`).
  private let renamed: [Column: String?]

  /// The table of the original application.
  package static let original = UsersMapping(table: "users", renamed: [:])

  init(table: String, renamed: [Column: String?]) {
    self.table = table
    self.renamed = renamed
  }

  /// Whether the table is as in the original application.
  var isOriginal: Bool { self == .original }

  /// The name of a column; `nil` when the table has none.
  package func name(of column: Column) -> String? { renamed[column] ?? column.rawValue }

  /// Whether a column of the table, compared without case, is one of those that regctl reads.
  func hasColumn(_ name: String) -> Bool {
    Column.allCases.contains { self.name(of: $0)?.lowercased() == name.lowercased() }
  }

  package var confirmation: Confirmation {
    guard let date = name(of: .confirmedOn) else { return .flag }
    return name(of: .confirmed) == date ? .date : .flagAndDate
  }

  /// The columns that regctl writes, in order.
  var written: [Column] {
    Column.allCases.filter { column in
      name(of: column) != nil && (column != .confirmed || confirmation != .date)
    }
  }
}
