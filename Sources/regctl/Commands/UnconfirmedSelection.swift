internal import Base
internal import RegctlCore

/// The selection of unconfirmed accounts by the options of a command.
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

  /// The accounts in batches; the database is not locked between batches.
  func batches(
    of store: Store, at now: Instant, batchSize: Int = Self.batchSize
  ) -> UnconfirmedBatches {
    var filter = filter
    var isEmpty = false
    // With `never`, --older-than selects no account, and --newer-than excludes none.
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
