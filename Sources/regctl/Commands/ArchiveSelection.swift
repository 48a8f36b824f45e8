internal import RegctlCore

/// The selection of accounts in the archive by the options of a list.
struct ArchiveSelection: Sendable {
  private let selection: Selection
  private let states: [AccountSelection.State]
  private let pattern: String?

  /// The accounts in the states of `--state` that the archive has; `nil` for other states.
  init?(_ arguments: ParsedArguments, matching pattern: String?) throws(UsageError) {
    guard let states = try arguments[AccountSelection.state] else { return nil }
    let archived = states.filter { [.pruned, .deleted].contains($0) }
    if archived.isEmpty { return nil }
    if let other = states.first(where: { ![.pruned, .deleted].contains($0) }) {
      throw arguments.error(
        .conflict("--state \(archived[0].rawValue)", "--state \(other.rawValue)"))
    }
    try arguments.refuse(ListOrder.ofNumbers, with: AccountSelection.state)
    selection = try Selection(arguments)
    self.states = archived
    self.pattern = pattern
  }

  /// What reads the accounts of each state, of those that are named.
  func readers(
    of words: [String]?, in store: Store, at now: LocalNow
  ) throws(CommandError) -> [ArchivedAccounts] {
    guard let interval = selection.interval(at: now) else { return [] }
    var filter = try core(
      PruneFilter(
        named: words, domain: selection.domain, since: interval.since, before: interval.before))
    filter.pattern = pattern
    var readers: [ArchivedAccounts] = []
    for state in states {
      readers.append(
        try core(
          ArchivedAccounts(
            deleted: state == .deleted, in: store, matching: filter,
            order: RowOrder(newestFirst: selection.isNewestFirst), limit: selection.limit)))
    }
    return readers
  }
}
