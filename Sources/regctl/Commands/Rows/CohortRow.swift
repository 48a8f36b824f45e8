internal import RegctlCore

/// The accounts that were registered in one week or month.
struct CohortRow: ChartRow {
  static let columns = [
    "cohort", "registered", "confirmed", "by_token", "by_operator", "pruned", "open",
    "median_seconds",
  ].map { Column($0) }

  static let header = [
    "COHORT", "ACCOUNTS", "CONFIRMED", "", "SHARE", "BY HAND", "PRUNED", "OPEN", "MEDIAN",
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
