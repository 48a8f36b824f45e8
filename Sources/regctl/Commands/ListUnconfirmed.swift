internal import RegctlCore

/// The `list-unconfirmed` command.
struct ListUnconfirmed: Command {
  static let columns = UnconfirmedRow.columns

  private static let domain = Option<String>.domain("domain", "Only addresses of this domain")
  private static let mailState = Option<OutboxEntry.State>.choice(
    "mail-state", "Only accounts whose last mail is in this state")
  private static let sort = Option<UnconfirmedFilter.Order>.choice(
    "sort", "The order (default registered)")
  private static let suspectTypo = Switch(
    "suspect-typo", "Only domains that look like a misspelt one")
  private static let limit = Option<Int>.count("limit", "Print at most N")
  private static let count = Switch("count", "Print only the number of accounts")

  static let name = "list-unconfirmed"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "List accounts that are not confirmed",
    description: """
      Lists the accounts that are not confirmed, oldest first, with the state of
      their last mail. The application can register accounts while the list is being
      read, and memory use does not depend on its length.
      """,
    options: [
      UnconfirmedSelection.olderThan, UnconfirmedSelection.newerThan, domain, mailState, sort,
      suspectTypo, limit, count,
    ] + ListOptions.declared,
    exitCodes: [.ok, .usage, .noInput, .inputOutput, .temporary, .noPermission, .configuration],
    examples: [
      Example("regctl list-unconfirmed --older-than 7d", "Waiting for more than a week"),
      Example("regctl list-unconfirmed --suspect-typo", "Probably mistyped domains"),
      Example(
        "regctl list-unconfirmed --format tsv --fields email --no-header",
        "Addresses for another program"),
    ])

  private let selection: UnconfirmedSelection
  private let printsCount: Bool
  private let suspectsTypo: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    var filter = UnconfirmedFilter()
    filter.domain = try arguments[Self.domain]
    filter.mailState = try arguments[Self.mailState]
    filter.order = try arguments[Self.sort] ?? .registered
    selection = try UnconfirmedSelection(
      arguments, filter, limit: arguments[Self.limit] ?? .max)
    printsCount = arguments[Self.count]
    try arguments.refuse(Self.count, with: ListOptions.fields)
    suspectsTypo = arguments[Self.suspectTypo]
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let store = try context.store(context.configuration(), for: .reading)
    let now = context.now
    let typo = suspectsTypo ? try core(store.domainTypo()) : nil
    let batches = selection.batches(of: store, at: now)
    func nextRows() throws(CommandError) -> [UnconfirmedRow]? {
      try batches.next()?.compactMap { account in
        guard let typo else { return UnconfirmedRow(account, at: now) }
        return typo.correction(of: account.email).map {
          UnconfirmedRow(account, suggestion: $0, at: now)
        }
      }
    }
    if printsCount {
      var count = 0
      while let rows = try nextRows() { count += rows.count }
      return Summary([ReportField("count", ReportValue(count))], answer: ["\(count)"])
    }
    let list = sink.list(
      "accounts", of: UnconfirmedRow.self,
      columns: suspectsTypo ? UnconfirmedRow.columnsWithSuggestion : UnconfirmedRow.columns,
      as: .table(), isCounted: true)
    while let rows = try nextRows(), list.push(rows) {}
    return Summary()
  }
}
