internal import SQL

/// A table that is copied to another database: the application's table of accounts, or one of
/// regctl's.
struct CopiedTable: Sendable {
  /// A column of it.
  struct Column: Sendable {
    let name: String
    var type: CopiedType
    var isNullable = true

    /// What the column gets without a value.
    var initial = Initial.none

    /// Whether it is the number of an account.
    var isNumber = false
  }

  /// What a column gets without a value.
  enum Initial: Equatable, Sendable {
    case none
    case constant(String)
    case now
    /// An expression that is not copied.
    case other
  }

  let name: String

  /// Whether it is the application's table, which may have any name.
  let isAccounts: Bool
  var columns: [Column]

  /// The positions of the columns of its key, by which its rows are read in order.
  let key: [Int]

  /// The columns that are unique together, besides the number.
  var unique: [[String]] = []

  /// Whether rows that only keep a number from being given again are left out.
  var leavesOutReserved = false

  /// Whether the date of a registration may be missing, which each engine expresses otherwise.
  var hasMissingDates: Bool { name == "regctl_tombstones" }

  /// The words for a row, by its key.
  func words(for row: [Value]) -> String {
    key.map { position in
      switch row[position] {
      case .integer(let number): "\(number)"
      case .text(let text): text
      default: ""
      }
    }.joined(separator: " ")
  }
}

extension SQLText {
  /// Appends the name of a table that is copied.
  mutating func append(_ table: CopiedTable) {
    if table.isAccounts { return append("{table}") }
    append(Statement(sqlite: "main.", postgreSQL: "regctl."))
    append(name: table.name)
  }
}
