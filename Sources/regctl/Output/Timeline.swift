/// The lines of a history: the time, the event, the person and a detail of each event.
struct Timeline {
  private let rows: [(cells: [String], color: StateColor?)]
  private let style: TextStyle

  /// The least width of the details beside the rest; where there is less, they are below it.
  private static let leastDetail = 24

  /// Creates a history of events, whose cells are those four.
  init(_ rows: [(cells: [String], color: StateColor?)], _ style: TextStyle) {
    self.rows = rows
    self.style = style
  }

  var lines: [String] {
    let widths = TextRenderer.widths(of: rows.map(\.cells))
    let beginning = widths.dropLast().reduce(2) { $0 + $1 + TableLayout.gap }
    guard let width = style.width, beginning + (widths.last ?? 0) > width else {
      return rows.map { line($0.cells, widths, $0.color) }
    }
    if beginning + Self.leastDetail <= width {
      return rows.flatMap { row in
        TextWrap.lines(line(row.cells, widths, row.color), width: width, indent: beginning)
      }
    }
    return rows.flatMap { row in
      let head = row.cells.dropLast().filter { $0 != "-" }.joined(separator: "  ")
      let detail = row.cells.suffix(1).filter { $0 != "-" }
      return TextWrap.lines("  " + head, width: width, indent: 4)
        + detail.flatMap { TextWrap.lines("    " + $0, width: width, indent: 4) }
    }
  }

  private func line(_ cells: [String], _ widths: [Int], _ color: StateColor?) -> String {
    var line = " "
    for (index, cell) in cells.enumerated() {
      let blanks = index == cells.count - 1 ? 0 : widths[index] - DisplayWidth.of(cell)
      let text = index == 1 && style.usesColor ? color?.paint(cell) ?? cell : cell
      line += (index == 0 ? " " : "  ") + text + String(repeating: " ", count: blanks)
    }
    return line
  }
}
