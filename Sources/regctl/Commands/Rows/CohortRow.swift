internal import RegctlCore

/// The accounts that were registered in one week or month.
struct CohortRow: ChartRow {
  static let columns = [
    "cohort", "registered", "confirmed", "by_token", "by_operator", "pruned", "open",
    "median_seconds",
  ].map { Column($0) }

  static let chart = [
    Column("COHORT", rank: 0), Column("ACCOUNTS"), Column("CONFIRMED", rank: 2),
    Column("", rank: 4), Column("SHARE", rank: 0), Column("BY HAND", rank: 5),
    Column("PRUNED", rank: 2), Column("OPEN", rank: 2), Column("MEDIAN", rank: 3),
  ]

  let cohort: Cohort

  var cells: [ReportValue] {
    [
      .text(cohort.name), ReportValue(cohort.registered), ReportValue(cohort.confirmed),
      ReportValue(cohort.confirmedByToken), ReportValue(cohort.confirmedByOperator),
      ReportValue(cohort.pruned), ReportValue(cohort.open),
      cohort.medianWait.map(ReportValue.duration) ?? .null,
    ]
  }

  var line: [String] {
    let share = Share(cohort.share)
    return [
      cohort.name, "\(cohort.registered)", "\(cohort.confirmed)", share.bar, share.percent,
      "\(cohort.confirmedByOperator)", "\(cohort.pruned)", "\(cohort.open)",
      cohort.medianWait.map(TextRenderer.age) ?? "-",
    ]
  }
}
