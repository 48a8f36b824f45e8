internal import Base
internal import Glibc

/// The time up to which a pass considers mails due: its start, and after a wait the next second.
///
/// Revoking the tokens of an account makes its next link valid, and its mail due, in the next
/// second. A pass that follows in the same second waits for that mail instead of leaving it.
struct DueHorizon {
  /// How far after its start a pass waits for mails.
  static let lead = Duration.seconds(1)

  /// Mails with a later due time are not considered.
  private(set) var moment: Instant
  private let last: Instant
  private var waitEnd: ContinuousClock.Instant?

  /// The horizon of a pass that starts at a time.
  init(start: Instant) {
    moment = start
    last = start + Self.lead
  }

  /// Extends the horizon to the next due time of a mail, and returns whether it did: only once, and
  /// only if that mail is due within the lead.
  mutating func extend(to due: Instant?, at now: Instant) -> Bool {
    guard waitEnd == nil, let due, due > moment, due <= last else { return false }
    moment = last
    waitEnd = .now + min(due - now, Self.lead)
    return true
  }

  /// Whether the mails of the extended horizon are not due yet.
  var isWaiting: Bool { waitEnd.map { .now < $0 } ?? false }

  /// Sleeps until the wait ends, at most for a duration.
  func sleep(atMost limit: Duration) {
    guard let waitEnd else { return }
    let nap = min(waitEnd - .now, limit)
    if nap > .zero { _ = usleep(UInt32(nap.microseconds) + 1) }
  }
}
