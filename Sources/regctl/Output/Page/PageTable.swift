/// The numbers of a plot, for reading.
struct PageTable {
  let caption: String
  let headings: [String]

  /// The first cell of a row is its heading.
  let rows: [[String]]

  /// The most rows that are shown at once.
  private static let short = 6

  /// The table; a long one is folded.
  var markup: Markup {
    Markup(
      "details", ["open": rows.count > Self.short ? nil : ""],
      [
        Markup("summary", [:], "Numbers: \(caption)"),
        Markup(
          "div",
          ["class": "table", "role": "region", "aria-label": caption, "tabindex": "0"],
          [
            Markup(
              "table", [:],
              [
                Markup("thead", [:], [Markup("tr", [:], headings.map(Self.columnHeading))]),
                Markup("tbody", [:], rows.map(Self.row)),
              ])
          ]),
      ])
  }

  private static func columnHeading(_ text: String) -> Markup {
    Markup("th", ["scope": "col"], text)
  }

  private static func row(_ cells: [String]) -> Markup {
    Markup(
      "tr", [:],
      cells.prefix(1).map { Markup("th", ["scope": "row"], $0) }
        + cells.dropFirst().map { Markup("td", [:], $0) })
  }
}
