internal import RegctlCore

/// The `status` command.
struct Status: Command {
  static let name = "status"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "Show accounts, mails and regular work at a glance",
    description: """
      Shows how many accounts there are and how many of them are not confirmed; how
      many mails are due, deferred and failed, and since when; when mail was last
      sent, and accounts were last pruned. What needs attention is listed with the
      command to use next. It reads the database only; 'regctl doctor' checks the
      installation.
      """,
    exitCodes: [
      .ok, .usage, .noInput, .inputOutput, .temporary, .noPermission, .configuration,
    ],
    examples: [Example("regctl status", "At the beginning of a working day")])

  init(_ arguments: ParsedArguments) throws(UsageError) {}

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let configuration = try context.configuration()
    let store = try context.store(configuration, for: .reading)
    let now = context.now
    let status = try core(ServiceStatus(of: store, configuration, at: now))
    let rows = status.findings.map { Row(finding: $0, now: now) }
    sink.list("attention", of: Row.self, after: Self.fields(of: status), as: .detail).push(rows)
    return Summary(answer: Self.lines(status, rows, context.textStyle, now: now))
  }

  /// Something that needs attention.
  private struct Row: ResultRow {
    static let columns = [Column("code"), Column("message"), Column("command")]

    let finding: StatusFinding
    let now: Instant

    var cells: [ReportValue] {
      [
        .text(finding.code), .text(finding.message(now: now)), .text(finding.command.text),
      ]
    }
  }

  // MARK: JSON

  private static func fields(of status: ServiceStatus) -> [ReportField] {
    let mails = status.mails
    return [
      ReportField(
        "accounts",
        .object([
          ReportField("all", ReportValue(status.accounts.all)),
          ReportField("unconfirmed", ReportValue(status.accounts.unconfirmed)),
          ReportField("locked", ReportValue(status.accounts.locked)),
          ReportField("locked_domains", ReportValue(status.accounts.lockedDomains)),
        ])),
      ReportField(
        "mails",
        .object(
          [
            ReportField("due", ReportValue(mails.due)),
            ReportField("deferred", ReportValue(mails.deferred)),
            ReportField("next_attempt_at", ReportValue(mails.next)),
          ]
            + OutboxEntry.State.allCases.map {
              ReportField($0.rawValue, ReportValue(mails.count($0)))
            })),
      ReportField("last_sent_at", ReportValue(mails.lastSent)),
      ReportField("last_delivery_at", ReportValue(status.lastDelivery)),
      ReportField(
        "last_prune",
        status.lastPrune.map { run in
          .object([
            ReportField("run", .integer(run.number)), ReportField("at", .instant(run.at)),
            ReportField("pruned", ReportValue(run.pruned)),
          ])
        } ?? .null),
    ]
  }

  // MARK: Text

  private static func lines(
    _ status: ServiceStatus, _ rows: [Row], _ style: TextStyle, now: Instant
  ) -> [String] {
    let facts = StatusFact.all(of: status, now: now).map { "\(padded($0.label))\($0.text)" }
    if rows.isEmpty { return facts + ["\(padded("attention"))nothing needs it"] }
    return facts
      + rows.enumerated().flatMap { index, row in
        lines(of: row, after: padded(index == 0 ? "attention" : ""), style)
      }
  }

  /// The message and the command, which is on a line of its own where there is no room beside it.
  private static func lines(of row: Row, after label: String, _ style: TextStyle) -> [String] {
    let message = "\(label)\(row.finding.message(now: row.now))"
    let command = row.finding.command.text
    let line = "\(message): \(command)"
    guard let width = style.width, DisplayWidth.of(line) > width else { return [line] }
    return TextWrap.lines("\(message):", width: width, indent: labelWidth)
      + TextWrap.command(command, width: width)
  }

  private static let labelWidth = 15

  private static func padded(_ label: String) -> String {
    label + String(repeating: " ", count: labelWidth - label.count)
  }
}
