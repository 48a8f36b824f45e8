internal import RegctlCore

/// The implementation of `report stuck`.
struct ReportStuck: Sendable {
  private let selection: AccountSelection
  private let printsCount: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    selection = try AccountSelection(waiting: arguments)
    printsCount = arguments[Selection.count]
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let addresses = try selection.addresses(in: context)
    let store = try context.store(context.configuration(), for: .reading)
    let found = try Found(named: addresses, in: store)
    var summary = found?.summary(in: context) ?? Summary()
    let typo = try core(store.domainTypo())
    // The limit is of accounts that are stuck.
    let batches = selection.batches(
      of: found?.ids, in: store, with: StuckAccount.details, at: context.localNow, limit: .max)
    let rows =
      printsCount
      ? nil : sink.list("accounts", of: StuckRow.self, as: .records, isCounted: true)
    var remaining = selection.limit
    while remaining > 0, rows?.isWanted ?? true, let batch = try batches.next() {
      let stuck = try core(StuckAccount.among(batch, typo: typo, in: store)).prefix(remaining)
      remaining -= stuck.count
      rows?.push(stuck.map(StuckRow.init))
    }
    if printsCount { summary.set(count: selection.limit - remaining) }
    return summary
  }
}
