internal import Base
internal import RegctlCore

/// Writes values in the text format.
enum TextRenderer {
  /// A value in a column or a sentence.
  static func text(_ value: ReportValue) -> String {
    switch value {
    case .null: "-"
    case .boolean(let boolean): boolean ? "yes" : "no"
    case .integer(let integer): String(integer)
    case .text(let text): TerminalText.escape(text)
    case .instant(let instant): instant.displayText
    case .local(let local): local.localMinuteText
    case .duration(let duration): age(duration)
    case .list(let values): values.map(text).joined(separator: ", ")
    case .object(let fields):
      fields.map { "\($0.name)=\(text($0.value))" }.joined(separator: " ")
    }
  }

  /// A duration in its greatest whole unit: `3d`, `45m`.
  static func age(_ duration: Duration) -> String { duration.abbreviation }

  /// A duration in words, for a sentence: `3 days`.
  static func words(_ duration: Duration) -> String { duration.words }

  /// Appends rows in aligned columns, without padding the last column; `right` are the columns that
  /// are aligned at the right.
  static func appendAligned(
    _ rows: [[String]], widths: [Int], right: Set<Int> = [], to output: inout [UInt8]
  ) {
    for row in rows {
      for (index, cell) in row.enumerated() {
        let padding = max(0, widths[index] - DisplayWidth.of(cell))
        if right.contains(index) { appendBlanks(padding, to: &output) }
        output += cell.utf8
        if index < row.count - 1 {
          appendBlanks((right.contains(index) ? 0 : padding) + TableLayout.gap, to: &output)
        }
      }
      output.append(UInt8(ascii: "\n"))
    }
  }

  static func appendBlanks(_ count: Int, to output: inout [UInt8]) {
    output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: count))
  }

  /// The width of each column.
  static func widths(of rows: [[String]]) -> [Int] {
    rows.reduce(into: []) { widths, row in
      for (index, cell) in row.enumerated() {
        let width = DisplayWidth.of(cell)
        if index < widths.count {
          widths[index] = max(widths[index], width)
        } else {
          widths.append(width)
        }
      }
    }
  }
}
