internal import RegctlCore

/// The `list-accounts` command.
struct ListAccounts: Command {
  static let columns = Row.columns

  static let name = "list-accounts"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "Find accounts by a part of their address",
    description: """
      Lists accounts, confirmed or not, in the order of their numbers. PATTERN
      matches anywhere in the address, ignoring case: a name, a domain or a part of
      either.

      Accounts in the state bounced get no further mail, because mail to them was
      not delivered and the address is wrong; see regctl list-bounces.

      Accounts in the state pruned or deleted are those of the archive, the oldest
      run or deletion first; they cannot be listed together with others.

      --since and --until are about the time of registration. They take a date, a
      time such as 2026-11-23T09:00:00Z, now, today, yesterday or an age such as 2d;
      --until with a date includes that day, which is one in the time zone of TZ, or
      in UTC. --file takes an address a line, such as the column of a spreadsheet.
      The application can register accounts while the list is being read, and memory
      use does not depend on its length.
      """,
    operands: [OperandUsage("PATTERN", .text, .optional)],
    options: [AccountSelection.state] + Selection.ofAccounts + [ListOrder.ofNumbers]
      + Selection.ofList,
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl list-accounts ann", "When a caller only gives a name"),
      Example(
        "regctl list-accounts --since yesterday --until yesterday", "Who registered yesterday"),
      Example("regctl list-accounts --state confirmed --count", "How many have confirmed"),
    ])

  private let selection: AccountSelection
  private let archive: ArchiveSelection?
  private let printsCount: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    var filter = AccountFilter()
    filter.pattern = arguments.operands.first
    selection = try AccountSelection(all: arguments, matching: filter)
    archive = try ArchiveSelection(arguments, matching: arguments.operands.first)
    printsCount = arguments[Selection.count]
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    if let archive { return try listArchive(archive, context, to: sink) }
    let addresses = try selection.addresses(in: context)
    let store = try context.store(context.configuration(), for: .reading)
    let found = try Found(named: addresses, in: store)
    var summary = found?.summary(in: context) ?? Summary()
    if printsCount {
      summary.set(count: try selection.count(of: found?.ids, in: store, at: context.localNow))
      return summary
    }
    let rows = sink.list("accounts", of: Row.self, as: .table(), isCounted: true)
    let printed = sink.printed(Row.columns)
    var details: AccountDetails = []
    if printed.contains("locked") { details.insert(.lock) }
    if printed.contains("bounced") { details.insert(.bounce) }
    let batches = selection.batches(
      of: found?.ids, in: store, with: details, at: context.localNow)
    try batches.push(to: rows, withTabs: sink.tabSeparated(Row.columns), Row.init)
    return summary
  }

  private func listArchive(
    _ archive: ArchiveSelection, _ context: Context, to sink: RowSink
  ) throws(CommandError) -> Summary {
    let words = try selection.addresses(in: context)
    let store = try context.store(context.configuration(), for: .reading)
    let readers = try archive.readers(of: words, in: store, at: context.localNow)
    var summary = Summary()
    let rows =
      printsCount ? nil : sink.list("accounts", of: Row.self, as: .table(), isCounted: true)
    var count = 0
    for reader in readers {
      while count < selection.limit, rows?.isWanted ?? true, let batch = try core(reader.next()) {
        let accounts = batch.prefix(selection.limit - count)
        count += accounts.count
        rows?.push(accounts.map(Row.init))
      }
    }
    if printsCount { summary.set(count: count) }
    return summary
  }

  /// An account.
  private struct Row: ResultRow {
    static let columns: [Column] = [
      Column("id", isUsual: false), .email, Column("admin", isUsual: false, rank: 2),
      Column("confirmed"), Column("locked", isUsual: false, rank: 2),
      Column("bounced", isUsual: false, rank: 2), Column("registered_on", rank: 2),
      Column("confirmed_on", rank: 3),
    ]

    let account: ListedAccount

    var cells: [ReportValue] {
      [
        .integer(account.id.rawValue), .text(account.email), .boolean(account.isAdmin),
        .boolean(account.isConfirmed), .boolean(account.isLocked), .boolean(account.isBounced),
        ReportValue(account.registeredOn),
        ReportValue(account.confirmedOn),
      ]
    }
  }
}
