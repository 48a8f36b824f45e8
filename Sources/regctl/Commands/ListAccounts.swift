internal import RegctlCore

/// The `list-accounts` command.
struct ListAccounts: Command {
  static let columns = Row.columns

  private static let count = Switch("count", "Print only the number of accounts")

  static let name = "list-accounts"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "Find accounts by a part of their address",
    description: """
      Lists accounts, confirmed or not, in the order of their numbers. PATTERN
      matches anywhere in the address, ignoring case: a name, a domain or a part of
      either.

      --since and --until take a date, a time such as 2026-11-23T09:00:00Z, today,
      yesterday or an age such as 2d, in UTC; --until with a date includes that day.
      The application can register accounts while the list is being read, and memory
      use does not depend on its length.
      """,
    operands: [OperandUsage("PATTERN", .text, .optional)],
    options: AccountSelection.declared + [count] + ListOptions.declared,
    exitCodes: [.ok, .usage, .noInput, .inputOutput, .temporary, .noPermission, .configuration],
    examples: [
      Example("regctl list-accounts ann", "When a caller only gives a name"),
      Example(
        "regctl list-accounts --since yesterday --until yesterday", "Who registered yesterday"),
      Example("regctl list-accounts --state confirmed --count", "How many have confirmed"),
    ])

  private let selection: AccountSelection
  private let printsCount: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    selection = try AccountSelection(arguments, pattern: arguments.operands.first)
    printsCount = arguments[Self.count]
    try arguments.refuse(Self.count, with: ListOptions.fields)
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let store = try context.store(context.configuration(), for: .reading)
    if printsCount {
      let count = try selection.count(in: store, at: context.now)
      return Summary([ReportField("count", ReportValue(count))], answer: ["\(count)"])
    }
    let rows = sink.list("accounts", of: Row.self, as: .table(), isCounted: true)
    try selection.forEachBatch(of: store, at: context.now) { rows.push($0.map(Row.init)) }
    return Summary()
  }

  /// An account.
  private struct Row: ResultRow {
    static let columns = [
      Column("id", isUsual: false), Column("email"), Column("admin", isUsual: false),
      Column("confirmed"), Column("registered_on"), Column("confirmed_on"),
    ]

    let account: Account

    var cells: [ReportValue] {
      [
        .integer(account.id.rawValue), .text(account.email), .boolean(account.isAdmin),
        .boolean(account.isConfirmed), ReportValue(account.registeredOn),
        ReportValue(account.confirmedOn),
      ]
    }
  }
}
