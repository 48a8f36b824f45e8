internal import RegctlCore

/// The `report` command.
struct Reports: Command {
  static let name = "report"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "Show how many confirm, how soon, and where mail fails",
    description: """
      cohorts: accounts by the week or month in which they were registered: how many
      confirmed, by their link or by an operator, how many were pruned or are open,
      and by when half of all confirm. Pruned accounts stay in the count, and who is
      still waiting counts for as long as he waits. Administrators that were made by
      create-admin are left out.
      funnel: accounts by domain: registered, mailed, mail accepted, confirmed.
      metrics: numbers in the Prometheus text format, for the textfile collector.
      """,
    operands: [OperandUsage("cohorts|funnel|metrics", .choice(Kind.allCases.map(\.rawValue)))],
    options: [
      OptionUsage(
        "by", .choice(Cohorts.Period.allCases.map(\.rawValue)), "Length of a cohort (default week)"),
      OptionUsage(
        "since", ValueUsage("TIME|AGE", .duration), "Only what was registered since"),
    ],
    exitCodes: [.ok, .usage, .noInput, .inputOutput, .temporary, .noPermission, .configuration],
    examples: [
      Example("regctl report cohorts --by month --since 52w", "Is it getting better?"),
      Example("regctl report funnel", "Which mail provider refuses us?"),
      Example(
        "regctl report metrics > regctl.prom.tmp && mv regctl.prom.tmp regctl.prom",
        "From cron, for the node exporter"),
    ])

  /// What is reported.
  private enum Kind: String, CaseIterable, Sendable { case cohorts, funnel, metrics }

  private let kind: Kind
  private let period: Cohorts.Period
  private let since: TimeReference?

  init(_ arguments: ParsedArguments) throws(UsageError) {
    kind = try arguments.choice(ofOperand: "cohorts|funnel|metrics", Kind.self)
    period = try arguments.choice("by", Cohorts.Period.self) ?? .week
    since = try arguments.timeReference("since")
    if kind != .cohorts, arguments.value("by") != nil {
      throw arguments.error(.requires("--by", "cohorts"))
    }
    if kind == .metrics, arguments.value("since") != nil {
      throw arguments.error(.conflict("--since", "metrics"))
    }
  }

  func run(in context: Context) throws(CommandError) -> Report {
    let store = try context.store(context.configuration(), for: .reading)
    let now = context.now
    let since = since?.moment(at: now)
    return try core { () throws(RegctlError) in
      switch kind {
      case .cohorts: Self.report(try store.cohorts(by: period, since: since, at: now))
      case .funnel: Self.report(try store.funnel(since: since))
      case .metrics: Self.report(try store.metrics(at: now))
      }
    }
  }

  // MARK: Cohorts

  private static func report(_ cohorts: [Cohort]) -> Report {
    let columns = [
      "cohort", "registered", "confirmed", "by_token", "by_operator", "pruned", "open",
      "median_seconds",
    ].map { Column($0) }
    let rows = cohorts.map { cohort -> [ReportValue] in
      [
        .text(cohort.name), number(cohort.registered), number(cohort.confirmed),
        number(cohort.confirmedByToken),
        number(cohort.confirmedByOperator), number(cohort.pruned), number(cohort.open),
        cohort.medianWait.map(ReportValue.duration) ?? .null,
      ]
    }
    let lines = cohorts.map { cohort in
      [
        cohort.name, "\(cohort.registered)", "\(cohort.confirmed)", bar(cohort.share),
        percent(cohort.share), "\(cohort.confirmedByOperator)", "\(cohort.pruned)",
        "\(cohort.open)", cohort.medianWait.map(TextRenderer.age) ?? "-",
      ]
    }
    return chart(
      "cohorts", columns, rows,
      header: [
        "COHORT", "ACCOUNTS", "CONFIRMED", "", "SHARE", "BY HAND", "PRUNED", "OPEN", "MEDIAN",
      ], lines)
  }

  // MARK: Funnel

  private static func report(_ funnel: [DomainFunnel]) -> Report {
    let columns = ["domain", "registered", "mailed", "accepted", "confirmed"]
      .map { Column($0) }
    func share(_ domain: DomainFunnel) -> Double {
      Double(domain.confirmed) / Double(max(domain.registered, 1))
    }
    let rows = funnel.map { domain -> [ReportValue] in
      [
        .text(domain.domain), number(domain.registered), number(domain.mailed),
        number(domain.accepted), number(domain.confirmed),
      ]
    }
    let lines = funnel.map { domain in
      [
        TerminalText.escape(domain.domain), "\(domain.registered)", "\(domain.mailed)",
        "\(domain.accepted)", "\(domain.confirmed)", bar(share(domain)), percent(share(domain)),
      ]
    }
    return chart(
      "domains", columns, rows,
      header: ["DOMAIN", "REGISTERED", "MAILED", "ACCEPTED", "CONFIRMED", "", "SHARE"], lines)
  }

  // MARK: Metrics

  private static let help = [
    "regctl_accounts": "Accounts by state.", "regctl_mails": "Mails of the outbox by state.",
    "regctl_mail_overdue_seconds": "How long the longest waiting mail has been due.",
    "regctl_last_mail_timestamp_seconds": "When a mail was last accepted.",
    "regctl_pruned_accounts_total": "Accounts that were pruned.",
    "regctl_last_prune_timestamp_seconds": "When accounts were last pruned.",
  ]

  private static func report(_ metrics: [Metric]) -> Report {
    var text = ""
    var last = ""
    for metric in metrics {
      if metric.name != last {
        let type = metric.name.hasSuffix("_total") ? "counter" : "gauge"
        text += "# HELP \(metric.name) \(help[metric.name] ?? "")\n# TYPE \(metric.name) \(type)\n"
      }
      last = metric.name
      let label = metric.label.map { "{\($0.name)=\"\($0.value)\"}" } ?? ""
      text += "\(metric.name)\(label) \(metric.value)\n"
    }
    var list = RowList.known(
      "metrics", [Column("name"), Column("state"), Column("value")],
      metrics.map { [.text($0.name), ReportValue($0.label?.value), .integer($0.value)] })
    list.isCounted = true
    return Report(
      list: list,
      prose: .lines(text.split(separator: "\n").map(String.init)))
  }

  // MARK: Layout

  /// A list for programs, and for people the same with bars.
  private static func chart(
    _ key: String, _ columns: [Column], _ rows: [[ReportValue]], header: [String],
    _ lines: [[String]]
  ) -> Report {
    let cells = lines.isEmpty ? [] : [header] + lines
    var text: [UInt8] = []
    TextRenderer.appendAligned(cells, widths: TextRenderer.widths(of: cells), to: &text)
    var list = RowList.known(key, columns, rows)
    list.isCounted = true
    return Report(
      list: list,
      prose: .lines(
        String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)))
  }

  private static func number(_ count: Int) -> ReportValue { .integer(Int64(count)) }

  /// A share with one digit behind the point.
  private static func percent(_ share: Double) -> String {
    let tenths = Int((share * 1000).rounded())
    return "\(tenths / 10).\(tenths % 10)%"
  }

  /// Eight signs, as many of them full as there are eighths.
  private static func bar(_ share: Double) -> String {
    let full = Int((share * 8).rounded())
    return String(repeating: "#", count: full) + String(repeating: ".", count: 8 - full)
  }
}
