internal import Base
internal import RegctlCore

extension PageSection {
  /// The mails by the period in which they were queued.
  static func mails(_ mails: [QueuedMails], by length: ReportPeriod.Length) -> PageSection {
    let heading = "Mail"
    guard let periods = PlotPeriods(reaching: mails.map(\.period)) else {
      return PageSection(heading: heading, sentences: ["No mails were queued."])
    }
    let shown = periods.rows(from: mails, period: \.period)
    let kinds = kinds
    let series = kinds.map { kind in
      PlotSeries(name: kind.name, color: kind.color, values: shown.map { $0.map(kind.value) ?? 0 })
    }
    let totals = kinds.map { kind in
      "\(mails.reduce(0) { $0 + kind.value($1) }) \(kind.name.lowercased())"
    }
    let sentence =
      "\(Plural.count(mails.reduce(0) { $0 + $1.all }, "mail")): \(totals.joined(separator: ", "))."
    let unit = length.rawValue
    return PageSection(
      heading: heading,
      sentences: [sentence] + periods.notes,
      figures: [
        BarPlot(
          figure: PlotFigure(
            id: "mails", caption: "Mails by the \(unit) in which they were queued",
            summary: "\(periods.range): \(sentence)", legend: series), periods: periods
        ).markup
      ],
      table: PageTable(
        caption: "mails by \(unit)",
        headings: [length.heading, "Queued"] + kinds.map(\.name),
        rows: mails.map { mails in
          [mails.period.name, "\(mails.all)"] + kinds.map { "\($0.value(mails))" }
        }))
  }

  /// What became of mails: each mail is of one kind.
  private static var kinds: [(name: String, color: PlotSeries.Color, value: (QueuedMails) -> Int)] {
    [
      ("Sent", .good, { $0.count(.sent) }),
      ("Waiting", .step, { $0.count(.queued) - $0.deferred + $0.count(.sending) }),
      ("Deferred", .waiting, { $0.deferred }),
      ("Failed", .bad, { $0.count(.failed) + $0.count(.bounced) + $0.count(.expired) }),
      ("Cancelled", .past, { $0.count(.cancelled) }),
    ]
  }
}
