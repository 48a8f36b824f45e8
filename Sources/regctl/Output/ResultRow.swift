/// A row of a list with its columns.
protocol ResultRow {
  /// The columns, from which `--fields` selects.
  static var columns: [Column] { get }

  /// A value for each column.
  var cells: [ReportValue] { get }

  /// Appends the values of selected columns as JSON, each after its key.
  func appendMembers(
    _ keys: [[UInt8]], ofColumns chosen: some Collection<Int>, to output: inout [UInt8])
}

extension ResultRow {
  func appendMembers(
    _ keys: [[UInt8]], ofColumns chosen: some Collection<Int>, to output: inout [UInt8]
  ) {
    let cells = cells
    for (key, column) in zip(keys, chosen) {
      output += key
      JSONRenderer.append(cells[column], to: &output)
    }
  }

  /// The row as a JSON object: every column with its value.
  var fields: [ReportField] {
    zip(Self.columns, cells).map { ReportField($0.name, $1) }
  }
}

/// A column of a list.
struct Column: Sendable {
  let name: String

  /// Whether the column is printed by default.
  let isUsual: Bool

  /// The minimum width in text, where the first rows may be narrower than later ones.
  let width: Int

  /// Where a terminal has no room for all columns, those with the highest rank are left out first;
  /// one of rank 0 never is.
  let rank: Int

  /// The width down to which its text may be cut to make room; `nil` for values that are useless when
  /// they are cut, such as times.
  let least: Int?

  /// Whether its words name a state, which has a colour.
  let isState: Bool

  init(
    _ name: String, isUsual: Bool = true, width: Int = 0, rank: Int = 1, least: Int? = nil,
    isState: Bool = false
  ) {
    self.name = name
    self.isUsual = isUsual
    self.width = width
    self.rank = rank
    self.least = least
    self.isState = isState
  }

  /// The column with the address of an account.
  static let email = Column("email", rank: 0, least: 16)
}

/// The layout of a list in the text format; the other formats have one layout.
enum TextLayout<Row> {
  /// Aligned columns of the rows that satisfy a predicate.
  case table(where: (Row) -> Bool = { _ in true })

  /// Aligned columns; where a terminal has no room for them, the text of each row is below it. Nothing
  /// is left out or cut.
  case records

  /// One line for each row, for programs; escaped on a terminal.
  case lines((Row) -> String?)

  /// An optional sentence for each row; `--quiet` omits it.
  case sentences((Row) -> String?)

  /// The same output as `--format jsonl`.
  case jsonLines

  /// No rows: they are part of the JSON object only, and other formats print the summary.
  case detail

  /// No rows: the text format prints the summary only.
  case none
}
