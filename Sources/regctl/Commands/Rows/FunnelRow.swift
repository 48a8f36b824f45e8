internal import RegctlCore

/// The confirmation funnel of one mail domain.
struct FunnelRow: ChartRow {
  static let columns = ["domain", "registered", "mailed", "accepted", "confirmed"].map {
    Column($0)
  }

  static let chart = [
    Column("DOMAIN", rank: 0, least: 12), Column("REGISTERED"), Column("MAILED", rank: 3),
    Column("ACCEPTED", rank: 3), Column("CONFIRMED", rank: 2), Column("", rank: 4),
    Column("SHARE", rank: 0),
  ]

  let domain: DomainFunnel

  var cells: [ReportValue] {
    [
      .text(domain.domain), ReportValue(domain.registered), ReportValue(domain.mailed),
      ReportValue(domain.accepted), ReportValue(domain.confirmed),
    ]
  }

  var line: [String] {
    let share = Share(Double(domain.confirmed) / Double(max(domain.registered, 1)))
    return [
      TerminalText.escape(domain.domain), "\(domain.registered)", "\(domain.mailed)",
      "\(domain.accepted)", "\(domain.confirmed)", share.bar, share.percent,
    ]
  }
}
