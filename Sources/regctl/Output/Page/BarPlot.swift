internal import RegctlCore

/// A plot of numbers by period: a bar for each, of a piece for each series.
struct BarPlot {
  let figure: PlotFigure
  let periods: PlotPeriods

  /// From the bottom of a bar to its top; each has a value for every period.
  var series: [PlotSeries] { figure.legend }

  /// A rectangle above the axis.
  struct Bar: Equatable {
    let x: Double
    let width: Double
    let from: Double
    let to: Double
  }

  /// The widest bar of a plot with few periods.
  private static let widest = 40.0

  /// The narrowest period whose bar has a gap beside it.
  private static let narrowest = 3.0

  var markup: Markup {
    let scale = scale
    let bars = bars(on: scale)
    let pieces = zip(series, bars).map { series, bars in
      Markup("path", ["class": series.className, "d": bars.map(Self.path).joined()])
    }
    return PlotFrame.markup(of: figure, scale, periods, pieces + notes)
  }

  var scale: PlotScale {
    PlotScale(
      reaching: periods.all.indices.map { index in
        series.reduce(0) { $0 + $1.values[index] }
      }.max() ?? 0)
  }

  /// The bars of each series, without those of zero.
  func bars(on scale: PlotScale) -> [[Bar]] {
    let slot = PlotFrame.plotWidth / Double(periods.all.count)
    let width = slot < Self.narrowest ? slot : min(slot * 0.8, Self.widest)
    var below = [Int](repeating: 0, count: periods.all.count)
    return series.map { series in
      series.values.enumerated().compactMap { index, value in
        if value == 0 { return nil }
        let from = PlotFrame.height(of: below[index], on: scale)
        below[index] += value
        return Bar(
          x: (Double(index) + 0.5) * slot - width / 2, width: width, from: from,
          to: PlotFrame.height(of: below[index], on: scale))
      }
    }
  }

  private static func path(_ bar: Bar) -> String {
    let width = Coordinate(bar.width).text
    return "M\(Coordinate(bar.x).text) \(Coordinate(PlotFrame.plotHeight - bar.to).text)"
      + "h\(width)v\(Coordinate(bar.to - bar.from).text)h-\(width)z"
  }

  /// Invisible shapes over the periods, at which a pointer shows the numbers.
  private var notes: [Markup] {
    let slot = PlotFrame.plotWidth / Double(periods.all.count)
    return periods.all.indices.map { index in
      let numbers = series.map { "\($0.name) \($0.values[index])" }
      return Markup(
        "rect",
        [
          "class": "note", "x": Coordinate(Double(index) * slot).text, "y": "0",
          "width": Coordinate(slot).text, "height": Coordinate(PlotFrame.plotHeight).text,
        ],
        [
          Markup(
            "title", [:], "\(periods.all[index].name): \(numbers.joined(separator: ", "))")
        ])
    }
  }
}
