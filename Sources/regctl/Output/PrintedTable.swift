internal import Base
internal import RegctlCore

/// A table in the text format, which is printed while its rows are read.
struct PrintedTable {
  private let columns: [Column]
  private let noun: String
  private let isCounted: Bool

  /// Whether nothing may be cut or left out.
  private let isWhole: Bool

  private let options: ListOptions
  private let style: TextStyle

  /// The layout of the first rows, which the others have too.
  private var layout: TableLayout?

  /// Whether the first rows fit beside each other.
  private var hasRoom = true

  /// The columns of numbers, which are aligned at the right.
  private var numbers: Set<Int> = []
  private var rowCount = 0
  private var hasCut = false

  /// Creates a table of columns; `key` is the name of the list in JSON objects.
  init(
    _ columns: [Column], key: String, isCounted: Bool, isWhole: Bool, options: ListOptions,
    style: TextStyle
  ) {
    self.columns = columns
    noun = Self.nouns[key] ?? "row"
    self.isCounted = isCounted
    self.isWhole = isWhole
    self.options = options
    self.style = style
  }

  private static let nouns = [
    "accounts": "account", "mails": "mail", "entries": "entry", "prunes": "prune run",
    "waves": "wave",
    "results": "result", "tokens": "token",
  ]

  /// Appends rows, the first ones after the names of the columns.
  mutating func append(_ rows: [[ReportValue]], to output: inout [UInt8]) {
    if rows.isEmpty { return }
    let lines = rows.map { $0.map { TextRenderer.text($0) } }
    if layout == nil { begin(rows, lines, to: &output) }
    rowCount += rows.count
    for line in lines {
      if let width = style.width, isWhole, !fits(line) {
        appendBroken(line, width: width, to: &output)
      } else {
        appendLine(line, isHeader: false, to: &output)
      }
    }
  }

  /// Whether each cell is within its column.
  private func fits(_ cells: [String]) -> Bool {
    guard let layout, hasRoom else { return false }
    return layout.shown.allSatisfy { DisplayWidth.of(cells[$0]) <= layout.widths[$0] }
  }

  private mutating func begin(
    _ rows: [[ReportValue]], _ lines: [[String]], to output: inout [UInt8]
  ) {
    let header = columns.map { $0.name.uppercased() }
    numbers = Set(columns.indices.filter { column in rows.contains { $0[column].isNumber } })
    let measured = options.hasHeader ? [header] + lines : lines
    let natural = zip(TextRenderer.widths(of: measured), columns).map { max($0, $1.width) }
    let total = natural.reduce(0, +) + TableLayout.gap * (natural.count - 1)
    layout = TableLayout(
      columns, natural: natural, width: isWhole ? nil : style.width,
      areChosen: options.fields != nil)
    hasRoom = !isWhole || style.width.map { total <= $0 } ?? true
    if options.hasHeader, hasRoom { appendLine(header, isHeader: true, to: &output) }
  }

  private mutating func appendLine(_ cells: [String], isHeader: Bool, to output: inout [UInt8]) {
    guard let layout else { return }
    var room = style.width ?? .max
    for (index, position) in layout.shown.enumerated() {
      let isLast = index == layout.shown.count - 1
      let width = layout.widths[index]
      var cell = cells[position]
      var cellWidth = DisplayWidth.of(cell)
      let limit =
        style.width == nil ? Int.max : numbers.contains(position) ? room : min(width, room)
      if cellWidth > limit {
        cell = DisplayWidth.cut(cell, to: limit)
        cellWidth = DisplayWidth.of(cell)
        if !isHeader { hasCut = true }
      }
      let padding = max(0, width - cellWidth)
      let isRight = numbers.contains(position)
      if isRight { TextRenderer.appendBlanks(min(padding, max(0, room - cellWidth)), to: &output) }
      let color = style.usesColor && columns[position].isState ? StateColor(cell) : nil
      output += (color?.paint(cell) ?? cell).utf8
      room -= isRight ? max(width, cellWidth) : cellWidth
      if isLast { break }
      let blanks = min((isRight ? 0 : padding) + TableLayout.gap, max(0, room))
      TextRenderer.appendBlanks(blanks, to: &output)
      room -= blanks
    }
    output.append(UInt8(ascii: "\n"))
  }

  /// The least width of text beside the rest of its row.
  private static let leastText = 24

  /// Appends a row whose text is broken in lines that fit, beside the rest or below it.
  private func appendBroken(_ cells: [String], width: Int, to output: inout [UInt8]) {
    guard let layout else { return }
    let isText = { (position: Int) in columns[position].least != nil }
    let head = columns.indices.filter { !isText($0) }
    let texts = columns.indices.filter { isText($0) && cells[$0] != "-" }.map { cells[$0] }
    let indent = head.reduce(0) { $0 + layout.widths[$1] + TableLayout.gap }
    let isBeside = indent + Self.leastText <= width
    var line = ""
    for (index, position) in head.enumerated() {
      let cell = cells[position]
      let blanks = isBeside ? layout.widths[position] + TableLayout.gap - DisplayWidth.of(cell) : 0
      let color = style.usesColor && columns[position].isState ? StateColor(cell) : nil
      line += (!isBeside && index > 0 ? ": " : "") + (color?.paint(cell) ?? cell)
      line += String(repeating: " ", count: blanks)
    }
    var lines: [String] = isBeside ? [] : [line]
    for text in texts {
      let beginning =
        isBeside ? (lines.isEmpty ? line : String(repeating: " ", count: indent)) : "  "
      lines += TextWrap.lines(beginning + text, width: width, indent: isBeside ? indent : 4)
    }
    for line in lines { output += "\(line)\n".utf8 }
  }

  /// What the end of the table says on a terminal: how many rows there are, and what is not shown.
  var closingLine: String? {
    guard let layout, rowCount > 0 else { return nil }
    let leftOut = layout.leftOut.map { columns[$0].name }
    let count =
      noun == "entry" ? Plural.count(rowCount, noun, "entries") : Plural.count(rowCount, noun)
    let limit = options.limit.map { $0 == rowCount ? " (--limit \($0))" : "" } ?? ""
    var parts = isCounted ? [count + limit] : []
    if !leftOut.isEmpty {
      parts.append("not shown: \(leftOut.joined(separator: ", ")) (--wide shows all)")
    } else if hasCut {
      parts.append("--wide shows what is cut")
    }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  /// What to say of a list without rows.
  var emptyNote: String? { isCounted && rowCount == 0 ? "no \(noun) matches" : nil }
}

extension ReportValue {
  /// Whether the value is printed as a number.
  fileprivate var isNumber: Bool {
    switch self {
    case .integer, .duration: true
    default: false
    }
  }
}
