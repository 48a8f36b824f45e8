/// A list of the result, to which a command pushes rows.
struct RowList<Row: ResultRow> {
  private let sink: RowSink

  /// Whether each batch is flushed, since it reports completed changes.
  private let isFlushed: Bool

  /// Prints rows; `nil` if the format prints none.
  private let append: ((_ rows: [Row], _ output: inout [UInt8]) -> Void)?

  init(
    sink: RowSink, isFlushed: Bool = false,
    append: ((_ rows: [Row], _ output: inout [UInt8]) -> Void)? = nil
  ) {
    self.sink = sink
    self.isFlushed = isFlushed
    self.append = append
  }

  /// Whether more rows are printed; if not, rows need not be read for display.
  var isWanted: Bool { append != nil && sink.hasReader }

  /// Prints some rows, and returns whether more are wanted.
  @discardableResult
  func push(_ rows: [Row]) -> Bool {
    guard let append else { return false }
    return sink.write(flushing: isFlushed) { append(rows, &$0) }
  }

  /// Prints rows that are lines of the format already, and returns whether more are wanted.
  func push(lines: [UInt8]) -> Bool { sink.write { $0 += lines } }

  /// Prints a row, and returns whether more are wanted.
  @discardableResult
  func push(_ row: Row) -> Bool { push([row]) }
}
