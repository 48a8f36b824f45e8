/// A plot of shares by period: a line with a dot for each, interrupted where there is none.
struct SharePlot {
  let figure: PlotFigure
  let periods: PlotPeriods

  /// A share from 0 to 1 for each period; `nil` where there is none.
  let values: [Double?]

  /// The most periods whose dots do not touch.
  private static let mostDots = 60

  var markup: Markup {
    let points = points
    var shapes = [Markup("path", ["class": "share", "d": Self.path(through: points)])]
    if points.count <= Self.mostDots {
      shapes += points.compactMap { $0 }.map { point in
        Markup(
          "circle",
          [
            "class": "fill-good", "cx": Coordinate(point.x).text, "cy": Coordinate(point.y).text,
            "r": "2.5",
          ])
      }
    }
    return PlotFrame.markup(of: figure, .percent, periods, shapes)
  }

  private var points: [(x: Double, y: Double)?] {
    let slot = PlotFrame.plotWidth / Double(periods.all.count)
    return values.enumerated().map { index, value in
      value.map { ((Double(index) + 0.5) * slot, PlotFrame.plotHeight * (1 - $0)) }
    }
  }

  /// A line through points; one that stands alone is a short stroke.
  static func path(through points: [(x: Double, y: Double)?]) -> String {
    var path = ""
    var isDrawing = false
    for point in points {
      guard let point else {
        isDrawing = false
        continue
      }
      let place = "\(Coordinate(point.x).text) \(Coordinate(point.y).text)"
      path += isDrawing ? "L\(place)" : "M\(place)h0.01"
      isDrawing = true
    }
    return path
  }
}
