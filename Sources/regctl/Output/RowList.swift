/// The rows of one list, for a command to push.
struct RowList<Row: ResultRow> {
  private let sink: RowSink

  /// Whether each batch is written at once: what it tells was done.
  private let isFlushed: Bool

  /// Prints rows; `nil` where the format shows none.
  private let append: ((_ rows: [Row], _ output: inout [UInt8]) -> Void)?

  init(
    sink: RowSink, isFlushed: Bool = false,
    append: ((_ rows: [Row], _ output: inout [UInt8]) -> Void)? = nil
  ) {
    self.sink = sink
    self.isFlushed = isFlushed
    self.append = append
  }

  /// Whether more rows are wanted; if not, those that are only shown need not be looked up.
  var isWanted: Bool { append != nil && sink.hasReader }

  /// Prints some rows, and returns whether more are wanted.
  @discardableResult
  func push(_ rows: [Row]) -> Bool {
    guard let append else { return false }
    return sink.write(flushing: isFlushed) { append(rows, &$0) }
  }

  /// Prints a row, and returns whether more are wanted.
  @discardableResult
  func push(_ row: Row) -> Bool { push([row]) }
}
