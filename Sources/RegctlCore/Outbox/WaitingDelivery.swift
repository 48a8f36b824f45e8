package import System

/// Delivery passes that follow each other as mails are queued or fall due, until a time has passed.
///
/// Between passes it does not hold the right to deliver, so that several processes can wait.
package struct WaitingDelivery {
  private let store: Store
  private let configuration: Configuration
  private let uid: UInt32
  private let output: ByteWriter

  /// The maximum time between checks whether to continue.
  private static let longestWait = Duration.milliseconds(100)

  /// The time before another try, when another process delivers or a pass had nothing to do.
  private static let pause = Duration.seconds(1)

  /// Delivers from a store, or, where that is behind a pooler, over a connection to `db_deliver`.
  package init(
    store: Store, configuration: Configuration, uid: UInt32, output: @escaping ByteWriter
  ) throws(RegctlError) {
    let store = configuration.dbDeliver == nil ? store : try configuration.storeToDeliver()
    self.store = store
    self.configuration = configuration
    self.uid = uid
    self.output = output
    // Mails that are queued from now on are announced, and those that are there are found.
    try store.listenForMail()
  }

  /// Sends up to `limit` mails for a time, and until the time limit of the whole.
  ///
  /// Ends before that if the transport is unavailable or the observer stops it. Another process that
  /// delivers at the end is an error, as for a single pass.
  package func run(
    limit: Int, for time: Duration, within timeLimit: Duration?,
    watchedBy watch: @escaping DeliveryWatch, clock: @escaping () -> Instant
  ) throws(RegctlError) -> DeliverySummary {
    let start = ContinuousClock.now
    let last = timeLimit.map { start + $0 }
    let end = min(start + time, last ?? start + time)
    var total = DeliverySummary()
    var other: DeliveryError?
    while true {
      var rest = Duration.zero
      other = nil
      if try store.hasWork(at: clock() + DueHorizon.lead) {
        let before = total
        do throws(RegctlError) {
          let pass = try Deliverer(direct: store, configuration, uid: uid, output: output).deliver(
            .due(limit: limit - total.results.count),
            within: last.map { max(ContinuousClock.now.duration(to: $0), .zero) },
            watchedBy: { watch(before.followed(by: $0)) }, clock: clock)
          total = before.followed(by: pass)
          if pass.stopped != nil || pass.isOutOfTime { break }
          if pass.results.isEmpty { rest = Self.pause }
        } catch .delivery(.running(let lock)) {
          other = .running(lock: lock)
          rest = Self.pause
        }
      }
      if total.results.count >= limit { break }
      guard try wait(until: end, atLeast: rest, total, watch, clock) else { break }
    }
    if let other, ContinuousClock.now >= end { throw .delivery(other) }
    total.nextAttempt = try store.nextAttempt()
    return total
  }

  /// Waits until a mail may be due; returns `false` when the time has passed, or the observer does
  /// not want to go on.
  private func wait(
    until end: ContinuousClock.Instant, atLeast rest: Duration, _ total: DeliverySummary,
    _ watch: DeliveryWatch, _ clock: () -> Instant
  ) throws(RegctlError) -> Bool {
    let start = ContinuousClock.now
    var until = start + store.mailPollInterval
    if let due = try store.nextAttempt() { until = min(until, start + (due - clock())) }
    while watch(total) {
      let now = ContinuousClock.now
      if now >= end { return false }
      if now >= max(until, start + rest) { return true }
      let look = min(max(until, start + rest), end, now + Self.longestWait)
      if try store.awaitMailNotice(until: look) { until = start }
    }
    return false
  }
}
