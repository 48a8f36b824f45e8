internal import Glibc

/// Splits long work into transactions and leaves other writers time between them.
///
/// A server lets those who wait for a lock have it in their order, so that there is no pause. They
/// wait for one transaction at most, which may take longer there: each commit waits for the disk.
///
/// A process that waits for the lock retries after at most 25 ms during the first 128 ms, then after
/// at most 100 ms (`sqliteDefaultBusyCallback` of SQLite; regctl's own busy handler is similar). So
/// after a short batch a pause longer than 25 ms is noticed by every waiting process, unless another
/// one wrote meanwhile; after any other batch only a pause longer than 100 ms is. Batches that are
/// together as short as one may be are done without a pause between them.
package struct BatchPacer {
  /// The number of rows that the next transaction should process.
  package private(set) var batchSize: Int
  private let largest: Int
  /// The pause before the next transaction.
  package private(set) var pause = shortPause
  private var ended: ContinuousClock.Instant?

  /// When the first transaction since the last pause began.
  private var resumed: ContinuousClock.Instant?
  private var writes: Int64?

  /// The duration of the previous transaction, as that of the next one.
  private var expected = Duration.zero

  private static let longestBatch = Duration.milliseconds(80)
  private static let longestQueuedBatch = Duration.milliseconds(250)
  private static let longestShortBatch = Duration.milliseconds(100)
  private static let shortPause = Duration.milliseconds(28)
  private static let longPause = Duration.milliseconds(105)

  /// A pacer that starts with small batches.
  package init(first: Int = 100, largest: Int = 10_000) {
    batchSize = first
    self.largest = largest
  }

  /// Runs a transaction in a store, after a pause if those since the last one have taken too long to
  /// do another before it.
  package mutating func run<Result>(
    in store: Store, _ transaction: (_ batchSize: Int) throws(RegctlError) -> Result
  ) throws(RegctlError) -> Result {
    pauseIfDue(in: store)
    let began = ContinuousClock.now
    if resumed == nil { resumed = began }
    let result = try transaction(batchSize)
    let now = ContinuousClock.now
    ended = now
    expected = now - began
    adapt(
      to: now - began, longest: store.queuesWriters ? Self.longestQueuedBatch : Self.longestBatch)
    let writes = try store.writesOfOthers()
    let isAlone = writes == self.writes ?? writes
    pause = isAlone && now - began < Self.longestShortBatch ? Self.shortPause : Self.longPause
    self.writes = writes
    return result
  }

  private mutating func pauseIfDue(in store: Store) {
    guard let ended, let resumed, !store.queuesWriters else { return }
    let now = ContinuousClock.now
    if now - resumed + expected <= Self.longestBatch, now < ended + pause { return }
    Self.sleep(until: ended + pause)
    self.resumed = nil
  }

  private mutating func adapt(to elapsed: Duration, longest: Duration) {
    if elapsed > longest {
      batchSize = max(batchSize * 2 / 3, 1)
    } else if elapsed < longest / 2 {
      batchSize = min(batchSize * 3 / 2 + 1, largest)
    }
  }

  private static func sleep(until moment: ContinuousClock.Instant) {
    let nanoseconds = (moment - .now).components.attoseconds / 1_000_000_000
    guard nanoseconds > 0 else { return }
    var nap = timespec(tv_sec: 0, tv_nsec: Int(nanoseconds))
    unsafe nanosleep(&nap, nil)
  }
}
