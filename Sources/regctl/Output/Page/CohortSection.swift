internal import Base
internal import RegctlCore

extension PageSection {
  /// The accounts by the period of their registration.
  static func cohorts(_ cohorts: [Cohort], by length: ReportPeriod.Length) -> PageSection {
    let heading = "Registrations and confirmations"
    guard let periods = PlotPeriods(reaching: cohorts.map(\.period)) else {
      return PageSection(heading: heading, sentences: ["No accounts were registered."])
    }
    let registered = cohorts.reduce(0) { $0 + $1.registered }
    let confirmed = cohorts.reduce(0) { $0 + $1.confirmed }
    let share = Share(Double(confirmed) / Double(max(registered, 1))).percent
    let shown = periods.rows(from: cohorts, period: \.period)
    func series(
      _ name: String, _ color: PlotSeries.Color, _ value: (Cohort) -> Int
    ) -> PlotSeries {
      PlotSeries(name: name, color: color, values: shown.map { $0.map(value) ?? 0 })
    }
    let series = [
      series("Confirmed", .good, \.confirmed), series("Open", .waiting, \.open),
      series("Pruned", .past, \.pruned),
    ]
    let sentence =
      "\(Plural.count(registered, "registered account")): \(confirmed) confirmed (\(share))."
    let unit = length.rawValue
    return PageSection(
      heading: heading,
      sentences: [sentence] + periods.notes,
      figures: [
        BarPlot(
          figure: PlotFigure(
            id: "accounts", caption: "Accounts by \(unit) of registration",
            summary: "\(periods.range): \(sentence)", legend: series), periods: periods
        ).markup,
        SharePlot(
          figure: PlotFigure(
            id: "share", caption: "Share of confirmed accounts by \(unit) of registration",
            summary: "\(periods.range): \(share) in all.", legend: []), periods: periods,
          values: shown.map { $0.flatMap { $0.registered > 0 ? $0.share : nil } }
        ).markup,
      ],
      table: PageTable(
        caption: "accounts by \(unit) of registration",
        headings: [
          length.heading, "Accounts", "Confirmed", "Share", "By hand", "Pruned", "Open", "Median",
        ],
        rows: cohorts.map { cohort in
          [
            cohort.name, "\(cohort.registered)", "\(cohort.confirmed)",
            Share(cohort.share).percent, "\(cohort.confirmedByOperator)", "\(cohort.pruned)",
            "\(cohort.open)", cohort.medianWait.map(TextRenderer.age) ?? "-",
          ]
        }))
  }
}
