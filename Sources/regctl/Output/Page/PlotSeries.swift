/// The values of a plot that have the same meaning.
struct PlotSeries: Equatable, Sendable {
  /// The colours, by what they mean.
  enum Color: String, CaseIterable, Sendable { case good, waiting, bad, past, step }

  let name: String
  let color: Color
  let values: [Int]

  /// The class of a shape in the style sheet.
  var className: String { "fill-\(color.rawValue)" }

  /// The legend of some series, in their order.
  static func legend(of series: [PlotSeries]) -> Markup {
    Markup(
      "ul", ["class": "legend"],
      series.map { series in
        Markup(
          "li", [:],
          [
            Markup("span", ["class": "swatch \(series.color.rawValue)"]), .text(series.name),
          ])
      })
  }
}
