/// A drawing with a caption and a legend; a screen reader presents it by its caption and summary.
struct PlotFigure {
  /// What an element of the page is named by.
  let id: String
  let caption: String

  /// What the drawing shows, in a sentence.
  let summary: String
  let legend: [PlotSeries]

  /// Creates the figure of some shapes in a box.
  func markup(
    box: (x: Double, y: Double, width: Double, height: Double), _ shapes: [Markup]
  ) -> Markup {
    let numbers = [box.x, box.y, box.width, box.height].map { Coordinate($0).text }
    let drawing = Markup(
      "svg",
      [
        "viewBox": numbers.joined(separator: " "), "role": "img",
        "aria-labelledby": "\(id)-caption \(id)-summary",
      ],
      [Markup("desc", ["id": "\(id)-summary"], summary)] + shapes)
    return Markup(
      "figure", [:],
      [Markup("figcaption", ["id": "\(id)-caption"], caption)]
        + (legend.isEmpty ? [] : [PlotSeries.legend(of: legend)]) + [drawing])
  }
}
