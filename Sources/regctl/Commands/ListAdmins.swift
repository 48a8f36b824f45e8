internal import RegctlCore

/// The `list-admins` command.
struct ListAdmins: Command {
  static let columns = Row.columns

  static let name = "list-admins"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "List the administrators",
    description: """
      Lists every account with administrator rights, in order of address.
      --since and --until are about the time of registration.
      """,
    options: Selection.ofAccounts + [AccountSelection.sortByAddress] + Selection.ofList,
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [Example("regctl list-admins", "List the administrators")])

  private let selection: AccountSelection
  private let printsCount: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    var filter = AccountFilter()
    filter.states = [.admin]
    selection = try AccountSelection(all: arguments, matching: filter, usually: .email)
    printsCount = arguments[Selection.count]
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let addresses = try selection.addresses(in: context)
    let store = try context.store(context.configuration(), for: .reading)
    let found = try Found(named: addresses, in: store)
    var summary = found?.summary(in: context) ?? Summary()
    if printsCount {
      summary.set(count: try selection.count(of: found?.ids, in: store, at: context.localNow))
      return summary
    }
    let batches = selection.batches(of: found?.ids, in: store, at: context.localNow)
    // Read before the list begins, which is not printed where the table has no administrators.
    var next = try batches.next()
    let rows = sink.list("accounts", of: Row.self, as: .table(), isCounted: true)
    while let accounts = next, rows.push(accounts.map(Row.init)) { next = try batches.next() }
    return summary
  }

  /// An administrator.
  private struct Row: ResultRow {
    static let columns: [Column] = [
      Column("id", isUsual: false), .email, Column("confirmed"), Column("registered_on", rank: 2),
      Column("confirmed_on", isUsual: false, rank: 3),
    ]

    let account: ListedAccount

    var cells: [ReportValue] {
      [
        .integer(account.id.rawValue), .text(account.email), .boolean(account.isConfirmed),
        ReportValue(account.registeredOn), ReportValue(account.confirmedOn),
      ]
    }
  }
}
