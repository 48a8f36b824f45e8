internal import Base
internal import RegctlCore

extension PageSection {
  /// The accounts that runs of prune took, and those of them that are back.
  static func prunes(_ prunes: [PrunedAccounts], by length: ReportPeriod.Length) -> PageSection {
    let heading = "Pruning"
    guard let periods = PlotPeriods(reaching: prunes.map(\.period)) else {
      return PageSection(heading: heading, sentences: ["No accounts were pruned."])
    }
    let shown = periods.rows(from: prunes, period: \.period)
    func series(
      _ name: String, _ color: PlotSeries.Color, _ value: (PrunedAccounts) -> Int
    ) -> PlotSeries {
      PlotSeries(name: name, color: color, values: shown.map { $0.map(value) ?? 0 })
    }
    let series = [
      series("Pruned", .past) { max(0, $0.pruned - $0.restored) },
      series("Restored", .good, \.restored),
    ]
    let runs = Plural.count(prunes.reduce(0) { $0 + $1.runs }, "run")
    let pruned = Plural.count(prunes.reduce(0) { $0 + $1.pruned }, "account")
    let restored = prunes.reduce(0) { $0 + $1.restored }
    let sentence = "\(runs): \(pruned) pruned, \(restored) restored since."
    let unit = length.rawValue
    return PageSection(
      heading: heading, sentences: [sentence] + periods.notes,
      figures: [
        BarPlot(
          figure: PlotFigure(
            id: "prunes", caption: "Pruned accounts by \(unit) of the run",
            summary: "\(periods.range): \(sentence)", legend: series), periods: periods
        ).markup
      ],
      table: PageTable(
        caption: "pruned accounts by \(unit) of the run",
        headings: [length.heading, "Runs", "Pruned", "Restored"],
        rows: prunes.map { row in
          [row.period.name, "\(row.runs)", "\(row.pruned)", "\(row.restored)"]
        }))
  }
}
