internal import Base
internal import RegctlCore

/// Which unconfirmed accounts a command is about, as its options say.
struct UnconfirmedSelection: Sendable {
  static let olderThan = Option<TimeSpan>.duration(
    "older-than", "Only accounts registered longer ago")
  static let newerThan = Option<TimeSpan>.duration(
    "newer-than", "Only accounts registered since then")

  private let olderThan: TimeSpan?
  private let newerThan: TimeSpan?
  private let filter: UnconfirmedFilter
  private let limit: Int

  private static let batchSize = 1000

  init(
    _ arguments: ParsedArguments, _ filter: UnconfirmedFilter, limit: Int
  ) throws(UsageError) {
    olderThan = try arguments[Self.olderThan]
    newerThan = try arguments[Self.newerThan]
    self.limit = limit
    self.filter = filter
  }

  /// The accounts, a batch at a time; between batches the database is free.
  func batches(
    of store: Store, at now: Instant, batchSize: Int = Self.batchSize
  ) -> UnconfirmedBatches {
    var filter = filter
    var isEmpty = false
    // Nothing is older than for ever, and nothing younger is left out by it.
    switch olderThan {
    case .finite(let span): filter.registeredBefore = now - span
    case .never: isEmpty = true
    case nil: break
    }
    if case .finite(let span) = newerThan { filter.registeredAfter = now - span }
    return UnconfirmedBatches(
      of: store, matching: filter, limit: isEmpty ? 0 : limit, batchSize: batchSize)
  }
}
