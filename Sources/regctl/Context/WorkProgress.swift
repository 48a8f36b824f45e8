internal import Base
internal import RegctlCore

/// Shows on a terminal how far long work is: what is done, of how much, how fast, and how long it will
/// still last.
final class WorkProgress {
  private let context: Context
  private let label: String

  /// What is counted, in the singular.
  private let noun: String

  /// Whether there is a terminal to show it on.
  let isShown: Bool
  private let clock: () -> ContinuousClock.Instant
  private let start: ContinuousClock.Instant
  private var lastShown: ContinuousClock.Instant
  private var hasLine = false

  private static let interval = Duration.milliseconds(100)

  /// Creates the progress of a command.
  init(
    of label: String, counting noun: String, in context: Context,
    clock: @escaping () -> ContinuousClock.Instant = { .now }
  ) {
    self.context = context
    self.label = label
    self.noun = noun
    self.clock = clock
    isShown = context.terminal.errorIsTerminal && !context.globals.quiet
    start = clock()
    // Work of less than a second shows no progress.
    lastShown = start + .seconds(1) - Self.interval
  }

  /// Shows how much is done, at most ten times a second. `total` is unknown for `nil`; then `share`
  /// can say how much of the whole that is, from 0 to 1.
  func show(_ done: Int, of total: Int? = nil, share: Double? = nil) {
    let now = clock()
    guard isShown, now - lastShown > Self.interval else { return }
    lastShown = now
    hasLine = true
    let share = share ?? total.map { $0 == 0 ? 1 : Double(done) / Double($0) }
    context.say("\r\u{1B}[K\(line(done, of: total, share, after: now - start))", .informational)
  }

  /// Erases the line, before anything else is printed.
  func end() {
    if hasLine { context.say("\r\u{1B}[K", .informational) }
    hasLine = false
  }

  private func line(
    _ done: Int, of total: Int?, _ share: Double?, after elapsed: Duration
  ) -> String {
    let seconds = max(Double(elapsed.components.seconds), 1)
    var parts = [
      total.map { "\(done) of \(Plural.count($0, noun))" } ?? Plural.count(done, noun)
    ]
    if let share { parts.append("\(Int(share * 100)) %") }
    parts.append("\(Int(Double(done) / seconds))/s")
    if let share, share > 0, share < 1 {
      let left = Int64((seconds / share * (1 - share)).rounded(.up))
      parts.append("\(TextRenderer.words(.seconds(left))) left")
    }
    return fitting("\(label): \(parts.joined(separator: ", "))")
  }

  /// A line of the terminal, in whose last column the cursor must not be.
  private func fitting(_ line: String) -> String {
    DisplayWidth.cut(line, to: max((context.terminal.size?.columns ?? 80) - 1, 1))
  }
}
