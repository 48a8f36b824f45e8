/// A row that the text format prints as a line of a chart.
protocol ChartRow: ResultRow {
  /// The columns of the chart, by their headings.
  static var chart: [Column] { get }
  var line: [String] { get }
}

/// A fraction from 0 to 1, for a chart.
struct Share {
  private let value: Double

  init(_ value: Double) { self.value = value }

  /// The percentage, with one decimal digit.
  var percent: String {
    let tenths = Int((value * 1000).rounded())
    return "\(tenths / 10).\(tenths % 10)%"
  }

  /// A bar of eight characters.
  var bar: String {
    let full = Int((value * 8).rounded())
    return String(repeating: "#", count: full) + String(repeating: ".", count: 8 - full)
  }
}
