internal import Base
internal import RegctlCore

/// Which unconfirmed accounts a command is about, as its options say.
struct UnconfirmedSelection: Sendable {
  static let olderThan = OptionUsage(
    "older-than", ValueUsage("DURATION", .duration), "Only those registered longer ago")
  static let newerThan = OptionUsage(
    "newer-than", ValueUsage("DURATION", .duration), "Only those registered since")

  private let olderThan: TimeSpan?
  private let newerThan: TimeSpan?
  private let filter: UnconfirmedFilter
  private let limit: Int

  private static let batchSize = 1000

  init(
    _ arguments: ParsedArguments, _ filter: UnconfirmedFilter, limit: Int
  ) throws(UsageError) {
    olderThan = try arguments.timeSpan("older-than")
    newerThan = try arguments.timeSpan("newer-than")
    self.limit = limit
    self.filter = filter
  }

  /// The accounts, a batch at a time; between batches the database is free.
  func batches(
    of store: Store, at now: Instant, batchSize: Int = Self.batchSize
  ) -> () throws(CommandError) -> [UnconfirmedAccount]? {
    var filter = filter
    var isEmpty = false
    // Nothing is older than for ever, and nothing younger is left out by it.
    switch olderThan {
    case .finite(let span): filter.registeredBefore = now - span
    case .never: isEmpty = true
    case nil: break
    }
    if case .finite(let span) = newerThan { filter.registeredAfter = now - span }
    let chosen = filter
    var last: UnconfirmedAccount?
    var remaining = isEmpty ? 0 : limit
    return { () throws(CommandError) in
      guard remaining > 0 else { return nil }
      let size = min(batchSize, remaining)
      let batch = try core { () throws(RegctlError) in
        try store.unconfirmedAccounts(after: last, matching: chosen, limit: size)
      }
      remaining = batch.count < size ? 0 : remaining - batch.count
      last = batch.last
      return batch.isEmpty ? nil : batch
    }
  }
}
