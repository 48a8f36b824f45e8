internal import Glibc
internal import RegctlCore

/// Shows the progress of a delivery pass on a terminal and handles signals.
final class DeliveryProgress {
  private let context: Context
  private let signals = SignalWatch([SIGINT, SIGTERM, SIGHUP, SIGUSR1])
  private let isShown: Bool
  private var lastShown: ContinuousClock.Instant
  private var shown = ""

  /// The signal that requested termination, if one was received.
  private(set) var signal: Int32?

  private static let interval = Duration.milliseconds(100)

  init(context: Context) {
    self.context = context
    isShown = context.terminal.errorIsTerminal && !context.globals.quiet
    // A pass of less than a second shows no progress.
    lastShown = .now + .seconds(1) - Self.interval
  }

  /// Whether to start further mails; prints the progress on SIGUSR1.
  func goesOn(_ summary: DeliverySummary) -> Bool {
    while let number = signals.next() {
      if number == SIGUSR1 {
        erase()
        context.say("regctl: deliver: \(Self.sentence(summary)) so far\n", .informational)
      } else {
        signal = number
      }
    }
    if isShown, .now - lastShown > Self.interval {
      lastShown = .now
      let sentence = Self.sentence(summary)
      if sentence != shown { context.say("\r\u{1B}[K\(sentence)", .informational) }
      shown = sentence
    }
    return signal == nil
  }

  /// Erases the progress line.
  func erase() {
    if !shown.isEmpty { context.say("\r\u{1B}[K", .informational) }
    shown = ""
  }

  /// The number of mails in each state, by their names in the JSON object.
  static func counts(of summary: DeliverySummary) -> [(name: String, count: Int)] {
    [
      ("sent", summary.count(.sent)), ("deferred", summary.count(.queued)),
      ("failed", summary.count(.failed)), ("cancelled", summary.count(.cancelled)),
      ("expired", summary.count(.expired)),
    ]
  }

  /// `sent 12, deferred 1, failed 0`.
  static func sentence(_ summary: DeliverySummary) -> String {
    counts(of: summary).filter { $0.name == "sent" || $0.name == "failed" || $0.count > 0 }
      .map { "\($0.name) \($0.count)" }.joined(separator: ", ")
  }
}
