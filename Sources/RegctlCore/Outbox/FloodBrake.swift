/// Holds confirmation mails while far more accounts are registered than usually, as by robots that
/// use a form: their mail would ruin the reputation of the sender.
struct FloodBrake {
  /// The time in which registrations are counted.
  static let window = Duration.seconds(3600)

  /// The number of confirmations in that time that never is a flood.
  static let least = 100

  /// How far back the usual number is looked for.
  static let memory = Duration.seconds(28 * 86_400)

  /// How many times the usual number is a flood; 0 switches the brake off.
  let factor: Int

  /// The greatest number of confirmations that is no flood, once it was needed.
  private var limit: Int?

  /// When registrations were last counted.
  private var counted: ContinuousClock.Instant?

  /// How long registrations are not counted again: to count them takes time for each of the last hour.
  private static let pause = Duration.seconds(1)

  init(factor: Int) { self.factor = factor }

  /// Holds the confirmations of accounts that were registered within the last hour, if these are a
  /// flood, and returns their number; call it in the transaction that claims mails.
  ///
  /// Mails that an operator released neither count nor are held again, nor do those of a bulk resend,
  /// whose accounts are older.
  mutating func hold(in store: Store, at now: Instant) throws(RegctlError) -> Int {
    guard factor > 0, store.keepsMoments else { return 0 }
    if let counted, .now < counted + Self.pause { return 0 }
    counted = .now
    let hourAgo = now - Self.window
    var start = hourAgo
    // From the next second on: what was released may have been queued in the same one.
    if let release = try store.moment(.release), release <= now {
      start = max(start, release + .seconds(1))
    }
    let count = try store.newConfirmations(since: start)
    if count <= Self.least { return 0 }
    let limit = if let limit { limit } else { try usualLimit(in: store, before: hourAgo) }
    self.limit = limit
    if count <= limit { return 0 }
    return try store.holdConfirmations(since: start)
  }

  private func usualLimit(in store: Store, before start: Instant) throws(RegctlError) -> Int {
    let (count, first) = try store.confirmations(from: start - Self.memory, to: start)
    guard let first else { return Self.least }
    let hours = max((start - first).components.seconds, Self.window.components.seconds) / 3600
    // Rounded up, so that a little more than nothing is not nothing.
    let (product, isTooLarge) = count.multipliedReportingOverflow(by: factor)
    return isTooLarge ? .max : max(Self.least, (product + Int(hours) - 1) / Int(hours))
  }
}
