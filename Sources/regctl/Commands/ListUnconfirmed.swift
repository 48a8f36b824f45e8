internal import RegctlCore

/// The `list-unconfirmed` command.
struct ListUnconfirmed: Command {
  static let columns = UnconfirmedRow.columns

  private static let suspectTypo = Switch(
    "suspect-typo", "Only domains that look like a misspelt one")

  static let name = "list-unconfirmed"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "List accounts that are not confirmed",
    description: """
      Lists the accounts that are not confirmed, oldest first, with the state of
      their last mail; what --fields leaves out is not computed. The application can
      register accounts while the list is being read, and memory use does not depend
      on its length.

      --since and --until are about the time of registration, and --state is about
      the last mail. --newer-than, --older-than and --mail-state are older names of
      these options.
      """,
    options: [AccountSelection.mailState] + Selection.ofAccounts
      + [suspectTypo, AccountSelection.sortByDate] + Selection.ofList,
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl list-unconfirmed --until 7d", "Waiting for more than a week"),
      Example("regctl list-unconfirmed --suspect-typo", "Probably mistyped domains"),
      Example(
        "regctl list-unconfirmed --format tsv --fields email --no-header",
        "Addresses for another program"),
    ])

  private let selection: AccountSelection
  private let printsCount: Bool
  private let suspectsTypo: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    selection = try AccountSelection(unconfirmed: arguments)
    printsCount = arguments[Selection.count]
    suspectsTypo = arguments[Self.suspectTypo]
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let addresses = try selection.addresses(in: context)
    let store = try context.store(context.configuration(), for: .reading)
    let now = context.now
    let found = try Found(named: addresses, in: store)
    var summary = found?.summary(in: context) ?? Summary()
    if printsCount, !suspectsTypo {
      summary.set(count: try selection.count(of: found?.ids, in: store, at: context.local(now)))
      return summary
    }
    let columns = suspectsTypo ? UnconfirmedRow.columnsWithSuggestion : UnconfirmedRow.columns
    let typo = suspectsTypo ? try core(store.domainTypo()) : nil
    let batches = selection.batches(
      of: found?.ids, in: store,
      with: printsCount ? [] : UnconfirmedRow.details(of: sink.printed(columns)),
      at: context.local(now))
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
      summary.set(count: count)
      return summary
    }
    let list = sink.list(
      "accounts", of: UnconfirmedRow.self, columns: columns, as: .table(), isCounted: true)
    if typo == nil {
      try batches.push(to: list, withTabs: sink.tabSeparated(columns)) {
        UnconfirmedRow($0, at: now)
      }
    } else {
      while let rows = try nextRows(), list.push(rows) {}
    }
    return summary
  }
}
