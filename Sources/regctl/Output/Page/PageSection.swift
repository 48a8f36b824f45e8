/// A part of a page: a heading, sentences, plots, and a table.
struct PageSection {
  let heading: String

  /// What the plots show; the whole section where there is nothing to plot.
  let sentences: [String]
  var figures: [Markup] = []
  var table: PageTable?

  var markup: Markup {
    Markup(
      "section", [:],
      [Markup("h2", [:], heading)] + sentences.map { Markup("p", [:], $0) }
        + figures + (table.map { [$0.markup] } ?? []))
  }
}
