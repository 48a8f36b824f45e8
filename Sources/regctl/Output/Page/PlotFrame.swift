/// The place of a plot by periods: a scale at the left, and the periods below.
///
/// Its unit is a pixel on a telephone; on wider screens the drawing grows, and its text with it.
enum PlotFrame {
  static let width = 360.0
  static let plotWidth = width - left - right
  static let plotHeight = 150.0
  private static let left = 38.0
  private static let right = 18.0
  private static let top = 10.0
  private static let bottom = 24.0

  /// The height of a value above the axis.
  static func height(of value: Int, on scale: PlotScale) -> Double {
    plotHeight * Double(value) / Double(scale.end)
  }

  /// Creates a figure with both axes around some shapes, whose origin is the upper left corner of
  /// the plot.
  static func markup(
    of figure: PlotFigure, _ scale: PlotScale, _ periods: PlotPeriods, _ shapes: [Markup]
  ) -> Markup {
    figure.markup(
      box: (x: -left, y: -top, width: width, height: top + plotHeight + bottom),
      lines(scale) + shapes + labels(periods))
  }

  private static func lines(_ scale: PlotScale) -> [Markup] {
    scale.ticks.flatMap { tick in
      let y = plotHeight - height(of: tick, on: scale)
      return [
        Markup(
          "line",
          [
            "class": tick == 0 ? "axis" : "grid", "x1": "0", "x2": Coordinate(plotWidth).text,
            "y1": Coordinate(y).text, "y2": Coordinate(y).text,
          ]),
        Markup(
          "text", ["class": "end", "x": "-5", "y": Coordinate(y + 4).text], scale.label(tick)),
      ]
    }
  }

  private static func labels(_ periods: PlotPeriods) -> [Markup] {
    periods.labels(width: plotWidth, margin: right).map { label in
      Markup(
        "text",
        [
          "class": "middle", "x": Coordinate(label.center).text,
          "y": Coordinate(plotHeight + 17).text,
        ],
        label.text)
    }
  }
}
