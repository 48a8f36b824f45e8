internal import RegctlCore

/// The `report` command.
struct Report: Command {
  private static let by = Option<ReportPeriod.Length>.choice(
    "by", "Length of a cohort (default week)")

  static let columns = StuckRow.columns

  static let name = "report"
  static let usage = CommandUsage(
    name: name, group: .accounts,
    summary: "Report confirmations, domains, metrics and stuck accounts",
    description: """
      cohorts: accounts by the week or month in which they were registered: how many
      were confirmed, by their link or by an operator, how many were pruned or are
      open, and the median time to confirmation. Pruned accounts are included, and
      open accounts count for the time observed so far. Administrators created by
      create-admin are left out.
      funnel: accounts by domain: registered, mailed, mail accepted, confirmed.
      Pruned accounts are included.
      metrics: numbers in the Prometheus text format, for the textfile collector.
      stuck: unconfirmed accounts that need help, each with the command to use next:
      the domain is probably mistyped, the last mail was refused or not accepted in
      time, confirm got its link after that had expired, or it was sent again twice
      and no link was used. Locked accounts are left out.
      html: a page for a browser with the figures of status and plots: cohorts,
      funnel, mails and pruned accounts by week or month. It needs no other file,
      and contains no addresses.

      --since and --until are about the time of registration, in html also of mails
      and prune runs. The other options of lists are for stuck.
      """,
    operands: [OperandUsage(kinds, .choice(Kind.allCases.map(\.rawValue)))],
    options: [by, Selection.since, Selection.until] + ofStuck,
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl report cohorts --by month --since 52w", "Confirmations by month, for a year"),
      Example("regctl report funnel", "Mail and confirmations by domain"),
      Example("regctl report stuck --since 30d", "Who needs help, and what to type"),
      Example("regctl report html --since 52w > report.html", "A picture for your boss"),
      Example(
        "regctl report metrics > regctl.prom.tmp && mv regctl.prom.tmp regctl.prom",
        "From cron, for the node exporter"),
    ])

  /// The kind of report.
  private enum Kind: String, CaseIterable, Sendable { case cohorts, funnel, metrics, stuck, html }

  private static var kinds: String { Kind.allCases.map(\.rawValue).joined(separator: "|") }

  private let kind: Kind
  private let length: ReportPeriod.Length
  private let selection: Selection
  private let stuck: ReportStuck?

  init(_ arguments: ParsedArguments) throws(UsageError) {
    kind = try arguments.choice(ofOperand: Self.kinds, Kind.self)
    length = try arguments[Self.by] ?? .week
    selection = try Selection(arguments)
    stuck = kind == .stuck ? try ReportStuck(arguments) : nil
    if ![.cohorts, .html].contains(kind), arguments.has(Self.by) {
      throw arguments.error(.requires("--by", "cohorts or html"))
    }
    let ofAll: [any OptionDeclaration] = [Selection.since, Selection.until]
    if let option = ofAll.first(where: arguments.has), kind == .metrics {
      throw arguments.error(.conflict(option.usage.flag, kind.rawValue))
    }
    if let option = Self.ofStuck.first(where: arguments.has), kind != .stuck {
      throw arguments.error(.requires(option.usage.flag, Kind.stuck.rawValue))
    }
  }

  /// The options that only a list of accounts has.
  private static let ofStuck: [any OptionDeclaration] =
    Selection.ofAccounts.filter { ![since, until].contains($0.usage.flag) } + [
      AccountSelection.sortByDate
    ]
    + Selection.ofList
  private static let (since, until) = (Selection.since.usage.flag, Selection.until.usage.flag)

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    if let stuck { return try stuck.run(in: context, to: sink) }
    let configuration = try context.configuration()
    let store = try context.store(configuration, for: .reading)
    let now = context.now
    let interval =
      selection.interval(at: context.local(now)).map {
        ReportInterval(since: $0.since, before: $0.before)
      }
      ?? .empty
    switch kind {
    case .cohorts:
      let rows = try core(store.cohorts(by: length, in: interval, at: now)).map(CohortRow.init)
      return Self.chart("cohorts", rows, context.textStyle, to: sink)
    case .funnel:
      let rows = try core(store.funnel(in: interval)).map(FunnelRow.init)
      return Self.chart("domains", rows, context.textStyle, to: sink)
    case .metrics:
      let rows = try core(store.metrics(at: now)).map(MetricRow.init)
      sink.list("metrics", of: MetricRow.self, as: .none, isCounted: true).push(rows)
      var summary = Summary(answer: MetricRow.exposition(of: rows))
      summary.isForPrograms = true
      return summary
    case .html, .stuck:
      let figures = try core(
        ReportFigures(of: store, configuration, by: length, in: interval, at: now))
      let service = configuration.serviceName ?? configuration.confirmURL?.host
      sink.writeRaw { ReportPage(figures, service: service).append(to: &$0) }
      return Summary()
    }
  }

  /// Prints a list, with bars in the text format.
  private static func chart<Row: ChartRow>(
    _ key: String, _ rows: [Row], _ style: TextStyle, to sink: RowSink
  ) -> Summary {
    sink.list(key, of: Row.self, as: .none, isCounted: true).push(rows)
    let cells = rows.isEmpty ? [] : [Row.chart.map(\.name)] + rows.map(\.line)
    let layout = TableLayout(
      rows.isEmpty ? [] : Row.chart, natural: TextRenderer.widths(of: cells), width: style.width,
      areChosen: false)
    let fitting = cells.map { line in
      zip(layout.shown, layout.widths).map { DisplayWidth.cut(line[$0], to: $1) }
    }
    // All but the first column and the bar are numbers.
    let right = layout.shown.enumerated().filter { $1 > 0 && !Row.chart[$1].name.isEmpty }
    var text: [UInt8] = []
    TextRenderer.appendAligned(
      fitting, widths: layout.widths, right: Set(right.map(\.offset)), to: &text)
    return Summary(
      answer: String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init))
  }
}
