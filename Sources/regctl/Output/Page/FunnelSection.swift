internal import Base
internal import RegctlCore

extension PageSection {
  /// A domain with fewer accounts can name a person, and is not named.
  static let leastAccounts = 5

  /// The most domains that a table names.
  private static let mostNamed = 50

  /// The most domains that a plot shows.
  private static let mostPlotted = 8

  /// The accounts by the step that they reached, and by domain.
  static func funnel(_ domains: [DomainFunnel]) -> PageSection {
    let heading = "From registration to confirmation"
    if domains.isEmpty {
      return PageSection(heading: heading, sentences: ["No accounts were registered."])
    }
    let named = domains.filter { $0.registered >= leastAccounts }.prefix(mostNamed)
    let others = domains.count - named.count
    let total = sum(domains[...])
    let rest = difference(total, sum(named))
    let rows =
      named.map { FunnelPlot.Row(name: $0.domain, values: values(of: $0)) }
      + (others > 0
        ? [
          FunnelPlot.Row(
            name: Plural.count(others, "other domain"), values: rest)
        ] : [])
    let sentence =
      "\(Plural.count(total[0], "registered account")): \(total[1]) mailed, \(total[2]) whose mail "
      + "was accepted by a server, \(total[3]) confirmed."
    let privacy =
      others > 0
      ? ["A domain with fewer than \(leastAccounts) accounts can name a person, and is not named."]
      : []
    return PageSection(
      heading: heading,
      sentences: [sentence] + privacy,
      figures: [
        FunnelPlot(
          figure: PlotFigure(
            id: "funnel", caption: "Accounts of all domains by the step that they reached",
            summary: sentence, legend: FunnelPlot.legend),
          rows: [FunnelPlot.Row(name: "All domains", values: total)]
        ).markup
      ] + largest(rows.prefix(named.count)),
      table: PageTable(
        caption: "accounts by domain",
        headings: ["Domain"] + FunnelPlot.steps.map(\.name) + ["Share"],
        rows: (rows + [FunnelPlot.Row(name: "All domains", values: total)]).map { row in
          [row.name] + row.values.map { "\($0)" } + [row.share]
        }))
  }

  /// The plot of the largest domains that are named, if there are any.
  private static func largest(_ rows: ArraySlice<FunnelPlot.Row>) -> [Markup] {
    let shown = rows.prefix(mostPlotted)
    if shown.isEmpty { return [] }
    let names = shown.map { "\($0.name) \($0.share)" }.joined(separator: ", ")
    return [
      FunnelPlot(
        figure: PlotFigure(
          id: "domains", caption: "The largest domains",
          summary: "Confirmed accounts: \(names).", legend: []), rows: Array(shown)
      ).markup
    ]
  }

  private static func values(of domain: DomainFunnel) -> [Int] {
    [domain.registered, domain.mailed, domain.accepted, domain.confirmed]
  }

  private static func sum(_ domains: ArraySlice<DomainFunnel>) -> [Int] {
    domains.reduce([0, 0, 0, 0]) { total, domain in zip(total, values(of: domain)).map(+) }
  }

  private static func difference(_ total: [Int], _ part: [Int]) -> [Int] {
    zip(total, part).map(-)
  }
}
