/// The columns of a table that fit a terminal, and their widths.
struct TableLayout: Equatable {
  /// The columns between two columns of a table.
  static let gap = 2

  /// The positions of the columns that are printed, among those given.
  private(set) var shown: [Int]

  /// The width of each of them.
  private(set) var widths: [Int]

  /// The positions of the columns for which there was no room.
  private(set) var leftOut: [Int] = []

  /// Lays out columns of natural widths; in unlimited width for `nil`.
  ///
  /// What does not fit is first cut down to the least width that its column declares. Then columns are
  /// left out, the highest rank first, unless they were asked for by name. At last every column is
  /// cut.
  init(_ columns: [Column], natural: [Int], width: Int?, areChosen: Bool) {
    shown = Array(columns.indices)
    widths = natural
    guard let width else { return }
    func least(_ position: Int) -> Int {
      min(natural[position], columns[position].least ?? natural[position])
    }
    func room() -> Int { width - Self.gap * (shown.count - 1) }
    while !areChosen, shown.map(least).reduce(0, +) > room(),
      let last = shown.filter({ columns[$0].rank > 0 })
        .max(by: { (columns[$0].rank, $0) < (columns[$1].rank, $1) })
    {
      shown.removeAll { $0 == last }
      leftOut.append(last)
    }
    leftOut.sort()
    widths = shown.map { natural[$0] }
    shrink(to: room(), downTo: shown.map(least))
    shrink(to: room(), downTo: shown.map { _ in 1 })
  }

  /// Takes columns from the widest, one by one, until the sum is reached.
  private mutating func shrink(to room: Int, downTo least: [Int]) {
    var excess = widths.reduce(0, +) - room
    while excess > 0 {
      let widest = widths.indices.filter { widths[$0] > least[$0] }.max { widths[$0] < widths[$1] }
      guard let widest else { return }
      widths[widest] -= 1
      excess -= 1
    }
  }
}
