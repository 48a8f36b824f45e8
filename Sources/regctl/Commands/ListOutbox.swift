internal import RegctlCore

/// The `list-outbox` command.
struct ListOutbox: Command {
  static let columns = OutboxRow.columns

  static let name = "list-outbox"
  static let usage = CommandUsage(
    name: name, group: .mail, summary: "List the mails of the outbox",
    description: """
      Lists the mails of the outbox, oldest first: recipient, state, number of
      attempts and the last reply of the server. A queued mail contains no token:
      the token is issued when the mail is sent. --since and --until are about the
      time when a mail was queued.
      """,
    options: OutboxSelection.declared + [ListOrder.ofNumbers] + Selection.ofList,
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl list-outbox --state queued", "Queued mails"),
      Example("regctl list-outbox --email ann@example.org", "Mails to Ann"),
      Example(
        "regctl list-outbox --state failed,expired --since yesterday --count",
        "How many were not delivered since yesterday"),
    ])

  private let selection: OutboxSelection
  private let printsCount: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    selection = try OutboxSelection(arguments, usually: nil)
    printsCount = arguments[Selection.count]
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let addresses = try selection.addresses(in: context)
    let store = try context.store(context.configuration(), for: .reading)
    let found = try Found(named: addresses, in: store)
    var summary = found?.summary(in: context) ?? Summary()
    let filter = selection.filter(of: found?.ids, at: context.localNow)
    if printsCount {
      let all = try filter.map { filter throws(CommandError) in
        try core(store.mailCount(matching: filter))
      }
      summary.set(count: min(all ?? 0, selection.limit))
      return summary
    }
    let rows = sink.list("mails", of: OutboxRow.self, as: .table(), isCounted: true)
    guard let filter else { return summary }
    try rows.push(in: filter.order, atMost: selection.limit, as: OutboxRow.init) {
      last, size throws(RegctlError) in
      try store.mails(after: last, matching: filter, limit: size)
    }
    return summary
  }
}
