internal import RegctlCore

/// A metric for a monitoring system.
struct MetricRow: ResultRow {
  static let columns = [Column("name"), Column("state"), Column("value")]

  let metric: Metric

  var cells: [ReportValue] {
    [.text(metric.name), ReportValue(metric.label?.value), .integer(metric.value)]
  }

  private static let help = [
    "regctl_accounts": "Accounts by state.", "regctl_mails": "Mails of the outbox by state.",
    "regctl_mail_overdue_seconds": "How long the longest waiting mail has been due.",
    "regctl_last_mail_timestamp_seconds": "When a mail was last accepted.",
    "regctl_pruned_accounts_total": "Accounts that were pruned.",
    "regctl_last_prune_timestamp_seconds": "When accounts were last pruned.",
  ]

  /// The lines of the Prometheus text format; rows of one name must be adjacent.
  static func exposition(of rows: [MetricRow]) -> [String] {
    var lines: [String] = []
    var last = ""
    for metric in rows.map(\.metric) {
      if metric.name != last {
        let type = metric.name.hasSuffix("_total") ? "counter" : "gauge"
        lines.append("# HELP \(metric.name) \(help[metric.name] ?? "")")
        lines.append("# TYPE \(metric.name) \(type)")
      }
      last = metric.name
      let label = metric.label.map { "{\($0.name)=\"\($0.value)\"}" } ?? ""
      lines.append("\(metric.name)\(label) \(metric.value)")
    }
    return lines
  }
}
