/// A row that people see as a line of a chart.
protocol ChartRow: ResultRow {
  /// The headings of the line's cells.
  static var header: [String] { get }
  var line: [String] { get }
}

/// A share of a whole, from 0 to 1, as a chart shows it.
struct Share {
  private let value: Double

  init(_ value: Double) { self.value = value }

  /// With one digit behind the point.
  var percent: String {
    let tenths = Int((value * 1000).rounded())
    return "\(tenths / 10).\(tenths % 10)%"
  }

  /// Eight signs, as many of them full as there are eighths.
  var bar: String {
    let full = Int((value * 8).rounded())
    return String(repeating: "#", count: full) + String(repeating: ".", count: 8 - full)
  }
}
