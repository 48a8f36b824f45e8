/// A row of a list, which knows its columns.
protocol ResultRow {
  /// The columns, from which `--fields` chooses where a command has it.
  static var columns: [Column] { get }

  /// A value for each column.
  var cells: [ReportValue] { get }

  /// Appends the values of chosen columns as JSON, each behind its key.
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

  /// Whether it is printed when no columns are chosen.
  let isUsual: Bool

  /// How wide it is in text at least, where the first rows do not tell.
  let width: Int

  init(_ name: String, isUsual: Bool = true, width: Int = 0) {
    self.name = name
    self.isUsual = isUsual
    self.width = width
  }
}

/// How the rows of a list look to people; to programs every list looks the same.
enum TextLayout<Row> {
  /// Aligned columns of the rows that are to be shown.
  case table(where: (Row) -> Bool = { _ in true })

  /// The answer, a line for each row, as a program reads it; on a terminal it is escaped.
  case lines((Row) -> String?)

  /// What was done to each row, in a sentence if there is one to say; `--quiet` drops it.
  case sentences((Row) -> String?)

  /// What `--format jsonl` prints.
  case jsonLines

  /// Only in JSON objects: the summary says enough, and is the whole result in every other format.
  case detail

  /// Nothing: the summary says what people should know.
  case none
}
