internal import RegctlCore

/// A plot of the steps from registration to confirmation: a group of horizontal bars for each row.
struct FunnelPlot {
  let figure: PlotFigure
  let rows: [Row]

  /// The bars of a domain, or of all domains.
  struct Row: Equatable {
    let name: String
    let values: [Int]

    /// The share of confirmed accounts.
    var share: String { Share(Double(values[3]) / Double(max(values[0], 1))).percent }
  }

  /// The steps, in the order of the values of a row.
  static let steps: [(name: String, color: PlotSeries.Color)] = [
    ("Registered", .past), ("Mailed", .waiting), ("Mail accepted", .step), ("Confirmed", .good),
  ]

  static var legend: [PlotSeries] {
    steps.map { PlotSeries(name: $0.name, color: $0.color, values: []) }
  }

  private static let barHeight = 6.0
  private static let labelHeight = 14.0
  private static let gap = 9.0

  /// The longest name that leaves room for the note.
  private static let nameWidth = 30

  var markup: Markup {
    let rowHeight = Self.labelHeight + Double(Self.steps.count) * Self.barHeight + Self.gap
    let most = max(1, rows.flatMap(\.values).max() ?? 1)
    let shapes = rows.enumerated().flatMap { index, row in
      Self.shapes(of: row, at: Double(index) * rowHeight, most: most)
    }
    return figure.markup(
      box: (x: 0, y: 0, width: PlotFrame.width, height: Double(rows.count) * rowHeight), shapes)
  }

  private static func shapes(of row: Row, at top: Double, most: Int) -> [Markup] {
    let baseline = Coordinate(top + labelHeight - 3).text
    let name = DisplayWidth.cut(TerminalText.escape(row.name), to: nameWidth)
    let labels = [
      Markup("text", ["x": "0", "y": baseline], name),
      Markup(
        "text", ["class": "end", "x": Coordinate(PlotFrame.width).text, "y": baseline],
        "\(row.share) confirmed"),
    ]
    return labels
      + zip(steps, row.values).enumerated().map { index, pair in
        let (step, value) = pair
        return Markup(
          "rect",
          [
            "class": "fill-\(step.color.rawValue)", "x": "0",
            "y": Coordinate(top + labelHeight + Double(index) * barHeight).text,
            "width": Coordinate(PlotFrame.width * Double(value) / Double(most)).text,
            "height": Coordinate(barHeight - 1).text,
          ], [Markup("title", [:], "\(row.name): \(step.name) \(value)")])
      }
  }
}
